import { Type } from 'typebox';
import { connectedOperation } from '../../operation.ts';
import { describedJob, describedJobExample, describeJob } from '../described-job.ts';
import { groupId } from '../fields.ts';
import { force, photoAliases, photoFields, pictureErrors, upload } from '../photo-input.ts';

export const updateGroupPhotos = connectedOperation({
  name: 'update-group-photos',
  section: 'job',
  isExtension: true,
  method: 'POST',
  path: '/update-group-photos',
  summary: 'Replace the photos of many groups.',
  description:
    'Reads and prepares the picture once, answers at once with a job, and then changes one group after another with a pause between them (`POMBO_PHOTO_PACE_SECONDS`). `GET /jobs/{id}` tells how far it is, with a result for each group; `DELETE /jobs/{id}` ends it. What may pass by itself (a pause that WhatsApp asks for, a lost connection) is tried again; a restart of the server does not end the job.',
  input: Type.Object({
    groups: Type.Array(groupId, {
      minItems: 1,
      maxItems: 1_000,
      description: 'The groups. One that is named twice is changed once.',
      examples: [['120363019502650977-group', '120363027326423410-group']],
    }),
    ...photoFields,
    force,
  }),
  aliases: { groups: ['groupIds', 'phones'], groupPhoto: photoAliases },
  upload,
  takesIdempotencyKey: true,
  output: describedJob,
  successStatus: 202,
  example: {
    input: {
      groups: ['120363019502650977-group', '120363027326423410-group'],
      groupPhoto: 'https://www.example.com/logo.svg',
    },
    output: describedJobExample,
  },
  errors: [...pictureErrors, 'rate_limited'],

  async handle({ groups, groupPhoto, force, ...options }, { photoJobs, readPicture, renderGroupPhoto }) {
    const { jpeg } = await renderGroupPhoto(await readPicture(groupPhoto), options);
    return describeJob(await photoJobs.start(groups, jpeg, { force }));
  },
});
