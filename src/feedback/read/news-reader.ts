import { Injectable } from '@nestjs/common';
import { AmazonSns } from './amazon-sns.js';
import { readMailgunNews } from './mailgun-news.js';
import type { NewsSource } from '../../sending/providers/news-source.js';
import type { NewsReading, NewsRequest } from './provider-news.js';
import { readResendNews } from './resend-news.js';

/** Reads a request in the way of the provider it is said to come from. */
@Injectable()
export class NewsReader {
  constructor(private readonly sns: AmazonSns) {}

  /** Rejects when it cannot be told now whose the request is. */
  read(source: NewsSource, request: NewsRequest): Promise<NewsReading> | NewsReading {
    switch (source.kind) {
      case 'MAILGUN':
        return readMailgunNews(request.body, source.signingKey, new Date());
      case 'RESEND':
        return readResendNews(request, source.secret);
      case 'SES':
        return this.sns.read(request.body, source.topicArn);
    }
  }
}
