import { Type } from 'typebox';
import { GatewayError } from '../../errors.ts';
import { instanceOperation } from '../../operation.ts';
import { describedJob, describedJobExample, describeJob } from '../described-job.ts';
import { jobId } from '../fields.ts';

export const job = instanceOperation({
  name: 'job',
  section: 'job',
  isExtension: true,
  method: 'GET',
  path: '/jobs/{id}',
  summary: 'Read how far a job is.',
  description: 'Jobs can be read for seven days after they ended.',
  input: Type.Object({ id: jobId }),
  output: describedJob,
  example: { input: { id: describedJobExample.id }, output: describedJobExample },
  errors: ['job_not_found'],

  async handle({ id }, { photoJobs }) {
    const found = await photoJobs.find(id);
    if (!found) throw new GatewayError('job_not_found');
    return describeJob(found);
  },
});
