import { Readable } from 'node:stream';

const SLICE_BYTES = 64 * 1024;

/**
 * A large message in slices, each read when there is room for it on the wire: the escaping of dots
 * never holds the event loop for the whole message, and the reading shows how far the upload is.
 */
export class SlicedBody extends Readable {
  taken = 0;

  constructor(private readonly raw: Buffer) {
    super({ highWaterMark: SLICE_BYTES });
  }

  override _read(): void {
    const slice = this.raw.subarray(this.taken, this.taken + SLICE_BYTES);
    this.taken += slice.length;
    this.push(slice.length === 0 ? null : slice);
  }

  get left(): number {
    return this.raw.length - this.taken;
  }

  /** The message as nodemailer takes it; a small one is fastest as it is. */
  static of(raw: Buffer): SlicedBody | Buffer {
    return raw.length > SLICE_BYTES ? new SlicedBody(raw) : raw;
  }
}
