import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { describedJob, describedJobExample, describeJob } from '../described-job.ts';

export const jobs = instanceOperation({
  name: 'jobs',
  section: 'job',
  isExtension: true,
  method: 'GET',
  path: '/jobs',
  summary: 'List the jobs of an instance.',
  description: 'Newest first: those that run, and those that ended within the last seven days.',
  input: Type.Object({}),
  output: Type.Object({ jobs: Type.Array(describedJob, { description: 'Newest first.' }) }),
  example: { input: {}, output: { jobs: [describedJobExample] } },
  errors: [],

  async handle(_input, { photoJobs }) {
    return { jobs: (await photoJobs.list()).map(describeJob) };
  },
});
