/** The largest body of an operation that takes a picture: it holds one of 16 MiB in Base64. */
export const pictureBodyBytes = 24 * 2 ** 20;

/** The largest body of any other operation: what they take is lists and texts. */
export const plainBodyBytes = 2 ** 20;
