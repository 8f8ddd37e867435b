import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A row of the table tenant: whose mail, keys and events are kept apart from everyone else's. */
@Entity({ name: 'tenant' })
export class TenantEntity {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false })
  createdAt: Date;
}
