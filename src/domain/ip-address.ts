/** 4 or 16 bytes, or none when the text is not an address; one with a zone is not. */
export function ipBytes(text: string): readonly number[] {
  return text.includes(':') ? ipv6Bytes(text) : ipv4Bytes(text);
}

function ipv4Bytes(text: string): readonly number[] {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(text)) return [];
  const bytes = text.split('.').map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : [];
}

function ipv6Bytes(text: string): readonly number[] {
  const halves = text.split('::');
  const [head = [], tail = []] = halves.map((half, place) => groupsOf(half, place === halves.length - 1));
  const missing = 16 - head.length - tail.length;
  const whole = halves.length === 1 ? missing === 0 : halves.length === 2 && missing >= 2;
  const bytes = whole ? [...head, ...Array<number>(missing).fill(0), ...tail] : [];
  return bytes.every((byte) => !Number.isNaN(byte)) ? bytes : [];
}

/** Two bytes for each group, four for an IPv4 address at the end; NaN for what is neither. */
function groupsOf(half: string, isEnd: boolean): number[] {
  if (half === '') return [];
  return half.split(':').flatMap((group, place, groups) => {
    if (group.includes('.')) return isEnd && place === groups.length - 1 ? [...ipv4Bytes(group)] : [Number.NaN];
    const value = /^[\da-f]{1,4}$/i.test(group) ? Number.parseInt(group, 16) : Number.NaN;
    return [value >> 8, value & 0xff].map((byte) => (Number.isNaN(value) ? value : byte));
  });
}
