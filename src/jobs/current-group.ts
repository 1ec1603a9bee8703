import type { JobId } from '../ids.ts';
import type { PhotoJob } from '../photo-jobs.ts';

/** The group that a job is at: `running` while WhatsApp is asked, `waiting` while it will be tried again. */
export type CurrentGroup = { readonly job: JobId } & Pick<
  PhotoJob['results'][number],
  'group' | 'state' | 'failure'
>;

/** A job as it is kept, with what is known beyond that of the group that it is at. */
export function withCurrentGroup(kept: PhotoJob, current: CurrentGroup | undefined): PhotoJob {
  if (kept.id !== current?.job) return kept;
  const { group, state, failure } = current;
  return {
    ...kept,
    results: kept.results.map((result) =>
      result.group === group && result.state === 'waiting' ? { ...result, state, failure } : result,
    ),
  };
}
