import { Module } from '@nestjs/common';
import { DnsLookup } from './dns-lookup.js';

/** Questions to the domain name system. */
@Module({ providers: [DnsLookup], exports: [DnsLookup] })
export class DnsModule {}
