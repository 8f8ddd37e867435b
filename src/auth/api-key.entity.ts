import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { KeyMode, Scope } from '../domain/principal.js';

/** A row of the table api_key. The key itself is nowhere: only its HMAC and a hint to know it by. */
@Entity({ name: 'api_key' })
export class ApiKeyEntity {
  @PrimaryColumn({ name: 'tenant_id', type: 'uuid' })
  tenantId: string;

  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  mode: KeyMode;

  @Column({ type: 'text', array: true })
  scopes: Scope[];

  @Column({ type: 'text' })
  hint: string;

  /** Written, never read back. */
  @Column({ type: 'bytea', select: false })
  digest: Buffer;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false })
  createdAt: Date;

  @Column({ name: 'expires_at', type: 'timestamptz', nullable: true })
  expiresAt: Date | null;

  @Column({ name: 'revoked_at', type: 'timestamptz', nullable: true })
  revokedAt: Date | null;

  @Column({ name: 'last_used_at', type: 'timestamptz', nullable: true })
  lastUsedAt: Date | null;
}
