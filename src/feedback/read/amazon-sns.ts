import { type KeyObject, X509Certificate } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { isSignedBy, readSnsMessage } from './sns-message.js';
import { type NewsReading, refused } from './provider-news.js';
import { readSesNews } from './ses-news.js';

/** Asks one of Amazon's addresses and gives the text of its answer; rejects on anything but a 2xx. */
export type AskAmazon = (url: URL) => Promise<string>;

const WITHIN_MS = 10_000;
/** Amazon has one a region, and changes it about once a year. */
const MOST_CERTIFICATES = 50;

/** Takes what SNS posts: checks that it is theirs and of the topic, agrees to the subscription, reads the news. */
@Injectable()
export class AmazonSns {
  private readonly keys = new Map<string, KeyObject>();

  constructor(private readonly ask: AskAmazon = askAmazon) {}

  /** Rejects when a certificate cannot be had: then it is not known whose the message is. */
  async read(body: Buffer, topicArn: string): Promise<NewsReading> {
    const message = readSnsMessage(body);
    if ('problem' in message) return refused(400, message.problem);
    if (message.topicArn !== topicArn) return refused(401, 'of another topic');
    if (!isSignedBy(message, await this.keyAt(message.certificateUrl))) return refused(401, 'wrong signature');
    if (message.type === 'Notification') {
      return { kind: 'genuine', ids: [message.id], news: readSesNews(message.text) };
    }
    if (message.subscribeUrl === undefined) return refused(400, 'a subscription at an address that is not of Amazon');
    await this.ask(message.subscribeUrl);
    return { kind: 'genuine', ids: [message.id], news: undefined };
  }

  private async keyAt(url: URL): Promise<KeyObject> {
    const known = this.keys.get(url.href);
    if (known !== undefined) return known;
    const { publicKey } = new X509Certificate(await this.ask(url));
    if (this.keys.size >= MOST_CERTIFICATES) this.keys.clear();
    this.keys.set(url.href, publicKey);
    return publicKey;
  }
}

async function askAmazon(url: URL): Promise<string> {
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(WITHIN_MS) });
  if (!answer.ok) throw new Error(`Amazon SNS answered ${answer.status}`);
  return answer.text();
}
