/** The fields that operations share, each with its description and example. */
import { Type } from 'typebox';
import { GatewayError } from '../errors.ts';
import { jobIdFrom, parseGroupId, parsePhoneNumber, pictureIdFrom } from '../ids.ts';
import type { PictureSource } from '../operation.ts';

/** What may be null in an answer. */
export const nullable = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

/** A group in any form that integrators send; handlers get a `GroupId`. */
export const groupId = Type.Decode(
  Type.String({
    description:
      'The group: `120363019502650977-group`, `120363019502650977@g.us`, the bare digits, or an old id such as `5511999990000-1623281429`.',
    examples: ['120363019502650977-group'],
  }),
  (text) => {
    const id = parseGroupId(text);
    if (!id) {
      throw new GatewayError('invalid_request', {
        message: `"${text.slice(0, 64)}" is not a group id. Expected digits followed by -group, such as 120363019502650977-group.`,
      });
    }
    return id;
  },
);

/** Under what else clients send the group of a photo. */
export const groupIdAliases = ['groupID', 'phone'];

/** A phone number with country code; handlers get a `PhoneNumber`. */
export const phoneNumber = Type.Decode(
  Type.String({
    description:
      'A phone number with country code. Spaces, dashes, brackets and a leading `+` are tolerated.',
    examples: ['5511999990001'],
  }),
  (text) => {
    const phone = parsePhoneNumber(text);
    if (!phone) {
      throw new GatewayError('invalid_request', {
        message: `"${text.slice(0, 64)}" is not a phone number. Expected 8 to 15 digits with country code, such as 5511999990001.`,
      });
    }
    return phone;
  },
);

/** A picture as callers give it. An upload arrives as bytes, all else as text. */
export const picture = Type.Unsafe<PictureSource>({
  type: 'string',
  minLength: 1,
  expects: 'a URL, a data URI, Base64, or a file',
  description:
    'An http or https URL, a data URI, or bare Base64. The type is found from the bytes; declared types are not believed.',
  examples: ['https://www.example.com/logo.svg'],
});

/** `{ "value": true }`: done. A failure says `false` beside its `error` and `code`. */
export const value = Type.Object({ value: Type.Boolean({ description: 'Whether it was done.' }) });

/** A photo that WhatsApp gave an id; handlers get a `PictureId`. */
export const pictureId = Type.Decode(
  Type.String({
    minLength: 1,
    description: 'The id of a photo, as `group-photo/{groupId}/history` lists it.',
    examples: ['1785585600'],
  }),
  pictureIdFrom,
);

/** A job; handlers get a `JobId`. */
export const jobId = Type.Decode(
  Type.String({
    description: 'The id that `update-group-photos` answered with.',
    examples: ['0b8f4c52-6d1e-4c0f-9a55-3f1f2a107f1c'],
  }),
  jobIdFrom,
);

/** The switch of something that an instance does by itself. */
export const onOrOff = Type.Boolean({ description: 'On or off.', examples: [true] });

const controls = '\\u0000-\\u001f\\u007f';

/** What stands in one line: no line breaks, no NUL. */
export const noControls = `^[^${controls}]*$`;

/** The name of an instance, for the people who run it. */
export const instanceName = Type.String({
  minLength: 1,
  pattern: `^(?=.*\\S)[^${controls}]*$`,
  expects: 'a text in one line that is not blank',
  maxLength: 200,
  description: 'What the instance is called.',
  examples: ['Support'],
});

/** See `updateCallRejectMessage`. */
export const callRejectMessage = Type.String({
  maxLength: 4096,
  description: 'What to write to callers whose call was rejected; empty for nothing.',
  examples: ['We do not take calls here, please write.'],
});

/** Where to send what happens; `what` names it in the reference. */
export const webhookUrl = (what: string) =>
  Type.String({
    pattern: '^(https?://\\S+)?$',
    expects: 'an http or https URL',
    description: `The webhook for ${what}: an http or https URL, or empty for none.`,
    examples: ['https://www.example.com/webhook'],
  });

/** A URL in an answer. */
export const shownUrl = Type.String({ description: 'Empty when it is not set.' });
