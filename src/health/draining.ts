import { Injectable } from '@nestjs/common';

/** Whether this process is on its way out: it still answers, but nothing new should be sent to it. */
@Injectable()
export class Draining {
  private begun = false;

  get isDraining(): boolean {
    return this.begun;
  }

  begin(): void {
    this.begun = true;
  }
}
