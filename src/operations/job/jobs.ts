import { Type } from 'typebox';
import { instanceOperation } from '../../operation.ts';
import { describedJobExample, summarisedJob, summariseJob } from '../described-job.ts';

const mostListed = 100;

const { results: _, ...summaryExample } = describedJobExample;

export const jobs = instanceOperation({
  name: 'jobs',
  section: 'job',
  isExtension: true,
  method: 'GET',
  path: '/jobs',
  summary: 'List the jobs of an instance.',
  description: `Newest first, at most ${mostListed}: those that run, and those that ended within the last seven days. What became of each group is in \`GET /jobs/{id}\`.`,
  input: Type.Object({}),
  output: Type.Object({ jobs: Type.Array(summarisedJob, { description: 'Newest first.' }) }),
  example: { input: {}, output: { jobs: [summaryExample] } },
  errors: [],

  async handle(_input, { photoJobs }) {
    return { jobs: (await photoJobs.list(mostListed)).map(summariseJob) };
  },
});
