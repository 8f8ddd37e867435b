import type { Lane } from '../../domain/lane.js';

/** Share of a provider's connections, of a burst and of a day's quota that only the lanes above may use. */
export const RESERVED: Readonly<Record<Lane, number>> = { OTP: 0, TRANSACTIONAL: 0.1, NOTIFICATION: 0.2, BULK: 0.4 };
