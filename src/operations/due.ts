/**
 * When an instance expires. Z-API bills by it; an instance of one's own never does, and clients that compare
 * it with today must find it ahead.
 */
export const due = new Date('2099-12-31T23:59:59Z');
