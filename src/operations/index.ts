/** Every operation. The routes, the reference and the common tests are derived from this list. */
export { createGroup } from './group/create-group.ts';
export { groupMetadata } from './group/group-metadata.ts';
export { groups } from './group/groups.ts';
export { lightGroupMetadata } from './group/light-group-metadata.ts';
export { updateGroupPhoto } from './group/update-group-photo.ts';
export { disconnect } from './instance/disconnect.ts';
export { me } from './instance/me.ts';
export { phoneCode } from './instance/phone-code.ts';
export { qrCode } from './instance/qr-code.ts';
export { qrCodeImage } from './instance/qr-code-image.ts';
export { restart } from './instance/restart.ts';
export { status } from './instance/status.ts';
export { createInstance } from './partner/create-instance.ts';
