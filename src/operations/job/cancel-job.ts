import { Type } from 'typebox';
import { GatewayError } from '../../errors.ts';
import { instanceOperation } from '../../operation.ts';
import { describedJob, describedJobExample, describeJob } from '../described-job.ts';
import { jobId } from '../fields.ts';

export const cancelJob = instanceOperation({
  name: 'cancel-job',
  section: 'job',
  isExtension: true,
  method: 'DELETE',
  path: '/jobs/{id}',
  summary: 'End a job before it is done.',
  description:
    'Groups that were not reached keep their photo; a change that is under way is finished. A job that is over stays as it is.',
  input: Type.Object({ id: jobId }),
  output: describedJob,
  example: {
    input: { id: describedJobExample.id },
    output: {
      ...describedJobExample,
      state: 'cancelled',
      finishedAt: 1785585605000,
      progress: { waiting: 0, running: 0, done: 1, failed: 0, cancelled: 1 },
      results: describedJobExample.results.map((result) =>
        result.state === 'waiting' ? { ...result, state: 'cancelled' as const } : result,
      ),
    },
  },
  errors: ['job_not_found'],

  async handle({ id }, { photoJobs }) {
    const cancelled = await photoJobs.cancel(id);
    if (!cancelled) throw new GatewayError('job_not_found');
    return describeJob(cancelled);
  },
});
