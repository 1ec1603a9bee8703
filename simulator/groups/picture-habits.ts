/** How the simulated WhatsApp hands pictures out. Clients meet all of this, and can rely on none of it. */
export interface PictureHabits {
  /**
   * The bytes stand in the answer, instead of the address at which they are served; WhatsApp Web reads either.
   */
  readonly inline: boolean;
  /** What is handed out is not what was sent but a JPEG made of it. That WhatsApp does so is a guess. */
  readonly recompressed: boolean;
  /**
   * How it says that there is none: with a 404, with the 404 inside a result (whatsapp-rust wacore/src/iq/contacts.rs),
   * with `<picture status="204"/>` (whatsmeow user.go) or with a result that says nothing.
   */
  readonly none: 'error' | 'error-in-result' | 'status-204' | 'empty-result';
}

export const defaultPictureHabits: PictureHabits = { inline: false, recompressed: false, none: 'error' };
