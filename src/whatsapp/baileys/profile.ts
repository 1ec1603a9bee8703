import type { PictureId } from '../../ids.ts';
import type { Profile } from '../whatsapp.ts';

export const fetchProfile = async (): Promise<Profile> => notYet();
export const setProfileName = async (_name: string): Promise<void> => notYet();
export const setProfileAbout = async (_about: string): Promise<void> => notYet();
export const setProfilePhoto = async (_jpeg: Uint8Array): Promise<PictureId> => notYet();

function notYet(): never {
  throw new Error('Profiles are not there yet.');
}
