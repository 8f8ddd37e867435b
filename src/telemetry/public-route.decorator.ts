import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Metadata key the guard reads. */
export const IS_PUBLIC = Symbol('IS_PUBLIC');

/** For REST controllers that answer without a credential: health, metrics, pages. The guard refuses all others. */
export const PublicRoute = (): CustomDecorator<symbol> => SetMetadata(IS_PUBLIC, true);
