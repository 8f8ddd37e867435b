/** One field of a form; with a file name it is sent as a file. */
export interface FormField {
  readonly name: string;
  readonly value: string | Buffer;
  readonly file?: { readonly name: string; readonly type: string };
}

/**
 * multipart/form-data (RFC 7578). Names are ours and plain. It ends with the last hyphen of the
 * closing boundary: without its last byte the form is unfinished.
 */
export function formData(fields: readonly FormField[], boundary: string): Buffer {
  const parts = fields.flatMap(({ name, value, file }) => {
    const filename = file === undefined ? '' : `; filename="${file.name}"\r\nContent-Type: ${file.type}`;
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename}\r\n\r\n`;
    return [Buffer.from(head), typeof value === 'string' ? Buffer.from(value) : value, Buffer.from('\r\n')];
  });
  return Buffer.concat([...parts, Buffer.from(`--${boundary}--`)]);
}
