import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get, Header, Inject, NotFoundException } from '@nestjs/common';
import { CONFIG, type Config } from '../../../config/config.js';
import { PublicRoute } from '../../../telemetry/public-route.decorator.js';

/** Read where this file runs: next to the source, or next to what was built from it. */
const PAGE = join(import.meta.dirname, 'inbox-page');

/**
 * No script but our own. A caught mail is shown in a frame without any rights, which inherits this
 * policy: its own styles are allowed, pictures from elsewhere are not, so opening a mail tells nobody.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  'img-src data:',
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page that shows what the sandbox caught. It knows nothing itself: it asks /graphql with the key it is given. */
@PublicRoute()
@Controller('inbox')
export class InboxController {
  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'explorer'>) {}

  @Get()
  @Header('content-type', 'text/html; charset=utf-8')
  @Header('content-security-policy', POLICY)
  @Header('x-content-type-options', 'nosniff')
  @Header('referrer-policy', 'no-referrer')
  page(): Promise<string> {
    return this.asset('inbox.html');
  }

  @Get('inbox.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('x-content-type-options', 'nosniff')
  script(): Promise<string> {
    return this.asset('inbox.js');
  }

  @Get('mail-parts.js')
  @Header('content-type', 'text/javascript; charset=utf-8')
  @Header('x-content-type-options', 'nosniff')
  parser(): Promise<string> {
    return this.asset('mail-parts.js');
  }

  @Get('inbox.css')
  @Header('content-type', 'text/css; charset=utf-8')
  @Header('x-content-type-options', 'nosniff')
  style(): Promise<string> {
    return this.asset('inbox.css');
  }

  private asset(name: string): Promise<string> {
    if (!this.config.explorer) throw new NotFoundException();
    return readFile(join(PAGE, name), 'utf8');
  }
}
