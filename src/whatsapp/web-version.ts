/** A version of WhatsApp Web, such as 2.3000.1043857760. */
export type WebVersion = readonly [major: number, minor: number, revision: number];

/** Where the newest version that was ever seen is kept. */
export interface WebVersionStore {
  read(): Promise<WebVersion | undefined>;
  write(version: WebVersion): Promise<void>;
}
