/**
 * A text as it is searched: without case and without accents, so that "sao" finds "São". Made by us and kept beside the
 * original, because the databases do not agree: SQLite's `lower` knows ASCII only, PostgreSQL's goes by its locale.
 */
export const searchTextOf = (text: string): string =>
  text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
