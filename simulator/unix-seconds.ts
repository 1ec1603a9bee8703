/** The time as WhatsApp tells it: whole seconds since 1970. */
export const unixSeconds = (): number => Math.floor(Date.now() / 1000);
