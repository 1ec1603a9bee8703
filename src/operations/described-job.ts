import { type Static, Type } from 'typebox';
import { formatGroupId } from '../ids.ts';
import type { PhotoJob } from '../photo-jobs.ts';

const states = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;

const summary = {
  id: Type.String({ description: 'The id of the job.', examples: ['0b8f4c52-6d1e-4c0f-9a55-3f1f2a107f1c'] }),
  state: Type.Enum(['running', 'done', 'cancelled'], {
    description: '`done` means that every group has a result, which may be a failure.',
    examples: ['running'],
  }),
  createdAt: Type.Integer({ description: 'Unix milliseconds.', examples: [1785585600000] }),
  finishedAt: Type.Union([
    Type.Integer({ description: 'Unix milliseconds.', examples: [1785585660000] }),
    Type.Null({ description: 'It runs.' }),
  ]),
  progress: Type.Object(
    Object.fromEntries(
      states.map((state) => [
        state,
        Type.Integer({ description: `How many groups are in the state \`${state}\`.`, examples: [1] }),
      ]),
    ) as Record<(typeof states)[number], ReturnType<typeof Type.Integer>>,
    { description: 'The results, counted.' },
  ),
};

/** A job, as the API writes it in a list. */
export const summarisedJob = Type.Object(summary);

/** A job, as the API writes it. */
export const describedJob = Type.Object({
  ...summary,
  results: Type.Array(
    Type.Object({
      group: Type.String({ description: 'The id of the group.', examples: ['120363019502650977-group'] }),
      state: Type.Enum([...states], { description: 'How far this group is.', examples: ['done'] }),
      pictureId: Type.Union([
        Type.String({ description: 'The id that WhatsApp gave the photo.', examples: ['1785585600'] }),
        Type.Null({ description: 'Not done.' }),
      ]),
      error: Type.Union([
        Type.String({
          description: 'Why it failed, or, while it waits to be tried again, what went wrong last.',
          examples: ['Only admins may change this group, and the connected number is not one.'],
        }),
        Type.Null({ description: 'Nothing went wrong.' }),
      ]),
      code: Type.Union([
        Type.String({ description: 'The same for programs.', examples: ['not_group_admin'] }),
        Type.Null({ description: 'Nothing went wrong.' }),
      ]),
    }),
    { description: 'One for each group, in the order in which they were given.' },
  ),
});

export function summariseJob(job: PhotoJob): Static<typeof summarisedJob> {
  const { id, state, createdAt, finishedAt, results } = job;
  const countOf = (wanted: (typeof states)[number]) =>
    results.filter((result) => result.state === wanted).length;
  return {
    id,
    state,
    createdAt: createdAt.getTime(),
    finishedAt: finishedAt?.getTime() ?? null,
    progress: {
      waiting: countOf('waiting'),
      running: countOf('running'),
      done: countOf('done'),
      failed: countOf('failed'),
      cancelled: countOf('cancelled'),
    },
  };
}

export function describeJob(job: PhotoJob): Static<typeof describedJob> {
  return {
    ...summariseJob(job),
    results: job.results.map(({ group, state, pictureId, failure }) => ({
      group: formatGroupId(group),
      state,
      pictureId: pictureId ?? null,
      error: failure?.message ?? null,
      code: failure?.code ?? null,
    })),
  };
}

export const describedJobExample: Static<typeof describedJob> = {
  id: '0b8f4c52-6d1e-4c0f-9a55-3f1f2a107f1c',
  state: 'running',
  createdAt: 1785585600000,
  finishedAt: null,
  progress: { waiting: 1, running: 0, done: 1, failed: 0, cancelled: 0 },
  results: [
    { group: '120363019502650977-group', state: 'done', pictureId: '1785585601', error: null, code: null },
    { group: '120363027326423410-group', state: 'waiting', pictureId: null, error: null, code: null },
  ],
};
