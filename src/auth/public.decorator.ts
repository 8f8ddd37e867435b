import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Metadata key the guard reads. */
export const IS_PUBLIC = Symbol('IS_PUBLIC');

/** For REST controllers that answer without a credential: health, metrics, the explorer's pages. */
export const Public = (): CustomDecorator<symbol> => SetMetadata(IS_PUBLIC, true);
