import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { InstanceId } from '../ids.ts';
import type { InstanceSettings } from '../instance.ts';
import type { CallEvent, MessageEvent, WhatsApp } from '../whatsapp/whatsapp.ts';
import { Lines } from './lines.ts';

type Verbs = Pick<WhatsApp, 'markRead' | 'rejectCall' | 'sendText'>;

interface HabitsOptions {
  /** What an instance has been told; `undefined` when there is no such instance any more. */
  readonly settingsOf: (instance: InstanceId) => Promise<InstanceSettings | undefined>;
  /** The verbs of the instance's phone; rejects when it is not connected. */
  readonly connected: (instance: InstanceId) => Promise<Verbs>;
  readonly logger: Logger;
  readonly clock: Pick<Clock, 'now'>;
}

/** Messages that are read together: one receipt does for those of one sender in one chat. */
const readAtOnce = 50;

/** How much may wait of each kind, for each instance. */
const maxWaiting = 1_000;

/** How often a caller is told why nobody picks up. */
const answerPauseMs = 60_000;

/**
 * What an instance does by itself, as its settings say: it marks messages as read (`autoReadMessage`, status posts only
 * with `autoReadStatus` as well), and it rejects calls (`callRejectAuto`) and tells the caller why (`callRejectMessage`,
 * once in a minute to each, and not in group calls). Calls that are over are left alone.
 *
 * Each instance does so in the order in which things happened, and none waits for another. What fails is logged, without
 * contents, and not tried again: by then it would surprise.
 */
export class Habits implements Disposable {
  readonly #options: HabitsOptions;
  readonly #messages = this.#linesOf<MessageEvent>(readAtOnce, (instance, messages) =>
    this.#read(instance, messages),
  );
  readonly #calls = this.#linesOf<CallEvent>(1, (instance, [call]) => this.#reject(instance, call));
  // Apart from the calls: the next one is not to ring until this one's caller has been told.
  readonly #answers = this.#linesOf<CallEvent>(1, (instance, [call]) => this.#answer(instance, call));
  /** When a caller was told last, by instance and caller; those of the last minute. */
  readonly #answeredAt = new Map<string, number>();
  #isOver = false;

  constructor(options: HabitsOptions) {
    this.#options = options;
  }

  /** Takes note of what happened and returns at once; never throws. */
  heard(instance: InstanceId, event: MessageEvent | CallEvent): void {
    if (this.#isOver || (event.type === 'call' && event.isOver)) return;
    const isTaken =
      event.type === 'message' ? this.#messages.add(instance, event) : this.#calls.add(instance, event);
    if (!isTaken) {
      this.#options.logger.warn({ instance, kind: event.type }, 'Too much waits to be read or rejected');
    }
  }

  /** Ends all habits; what is under way is still done. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const lines of [this.#messages, this.#calls, this.#answers]) lines.clear();
  }

  #linesOf<Event>(
    atOnce: number,
    work: (instance: InstanceId, events: readonly Event[]) => Promise<void>,
  ): Lines<InstanceId, Event> {
    return new Lines({
      atOnce,
      maxWaiting,
      work: async (instance, events) => {
        try {
          await work(instance, events);
        } catch (error) {
          this.#options.logger.warn(
            { instance, err: error },
            'An instance could not do what it does by itself',
          );
        }
      },
    });
  }

  async #read(instance: InstanceId, messages: readonly MessageEvent[]): Promise<void> {
    const { autoReadMessage, autoReadStatus } = (await this.#options.settingsOf(instance)) ?? {};
    if (!autoReadMessage) return;
    const wanted = messages.filter(({ chat }) => chat !== 'status' || autoReadStatus);
    if (wanted.length > 0) await (await this.#options.connected(instance)).markRead(wanted);
  }

  async #reject(instance: InstanceId, call: CallEvent | undefined): Promise<void> {
    const { callRejectAuto, callRejectMessage } = (await this.#options.settingsOf(instance)) ?? {};
    if (!call || !callRejectAuto) return;
    await (await this.#options.connected(instance)).rejectCall(call);
    if (callRejectMessage?.trim() && !call.group) this.#answers.add(instance, call);
  }

  async #answer(instance: InstanceId, call: CallEvent | undefined): Promise<void> {
    const { callRejectMessage } = (await this.#options.settingsOf(instance)) ?? {};
    if (!call || !callRejectMessage?.trim() || !this.#mayAnswer(`${instance} ${call.from}`)) return;
    await (await this.#options.connected(instance)).sendText(call.from, callRejectMessage);
  }

  #mayAnswer(caller: string): boolean {
    const nowMs = this.#options.clock.now().getTime();
    for (const [other, atMs] of this.#answeredAt) {
      if (nowMs - atMs >= answerPauseMs) this.#answeredAt.delete(other);
    }
    if (this.#answeredAt.has(caller)) return false;
    this.#answeredAt.set(caller, nowMs);
    return true;
  }
}
