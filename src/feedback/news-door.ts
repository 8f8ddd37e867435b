import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { describeFault } from '../graphql/describe-fault.js';
import type { HttpInstance, HttpReply, HttpRequest } from '../graphql/http-types.js';
import { NEWS_PATH, type NewsSource, newsSourceOf } from '../sending/providers/news-source.js';
import { ProviderDirectory } from '../sending/providers/provider-directory.js';
import { NewsMetrics } from './news-metrics.js';
import { NewsReader } from './read/news-reader.js';
import { NewsRecorder } from './news-recorder.js';

/** SNS posts 256 KiB at most; the others far less. */
const MOST_BYTES = 512 * 1024;

/**
 * Where providers post their news. Who posts has no key of ours: the signature is what lets a request in.
 * Anything but a 2xx makes a provider try again, so news are acknowledged after they are stored.
 */
@Injectable()
export class NewsDoor implements OnModuleInit {
  private readonly logger = new Logger(NewsDoor.name);

  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly directory: ProviderDirectory,
    private readonly reader: NewsReader,
    private readonly recorder: NewsRecorder,
    private readonly metrics: NewsMetrics,
  ) {}

  onModuleInit(): void {
    const server = this.adapterHost.httpAdapter.getInstance<HttpInstance>();
    // A scope of its own: here the body is kept as it came, whatever it is said to be (SNS says text/plain).
    void server.register((scope: HttpInstance, _options: object, done: () => void) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MOST_BYTES }, (_request, body, parsed) =>
        parsed(null, body),
      );
      scope.post(`${NEWS_PATH}:provider`, (request, reply) => this.answer(request, reply));
      done();
    });
  }

  private async answer(request: HttpRequest, reply: HttpReply): Promise<HttpReply> {
    const { provider: name } = request.params as { provider: string };
    const provider = this.directory.provider(name);
    const source = provider === undefined ? undefined : newsSourceOf(provider);
    if (source === undefined) {
      return reply.code(404).send({ error: 'No provider of this name has a key to check its news with.' });
    }
    try {
      return await this.take(name, source, request, reply);
    } catch (error) {
      this.metrics.news(name, 'failed');
      this.logger.error({ msg: 'news not taken: it will be told again', provider: name, fault: describeFault(error) });
      return reply.code(503).send({ error: 'The news could not be taken now. Tell it again.' });
    }
  }

  private async take(name: string, source: NewsSource, request: HttpRequest, reply: HttpReply): Promise<HttpReply> {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const reading = await this.reader.read(source, { headers: request.headers, body });
    if (reading.kind === 'refused') {
      this.metrics.news(name, 'refused');
      this.logger.warn({ msg: 'news refused', provider: name, why: reading.why });
      return reply.code(reading.status).send({ error: `Refused: ${reading.why}.` });
    }
    const { ids, news } = reading;
    this.metrics.news(name, news === undefined ? 'ignored' : await this.recorder.record(name, ids, news));
    return reply.code(204).send();
  }
}
