import type { InstanceId } from './ids.ts';

/** What an instance has been told, under the API's own names. What is absent was never set. */
export interface InstanceSettings {
  /** The name that the phone shows among its linked devices. */
  readonly sessionName?: string;
  readonly connectedCallbackUrl?: string;
  readonly deliveryCallbackUrl?: string;
  readonly disconnectedCallbackUrl?: string;
  readonly messageStatusCallbackUrl?: string;
  readonly presenceChatCallbackUrl?: string;
  readonly receivedCallbackUrl?: string;
  readonly receivedAndDeliveryCallbackUrl?: string;
  /** Told when an instance goes on without its proxy (`update-proxy-webhook`). */
  readonly proxyCallbackUrl?: string;
  readonly callRejectAuto?: boolean;
  readonly callRejectMessage?: string;
  readonly autoReadMessage?: boolean;
  /** Counts only while `autoReadMessage` is on. */
  readonly autoReadStatus?: boolean;
  readonly isDevice?: boolean;
  readonly businessDevice?: boolean;
  readonly disableEnqueueWhenDisconnected?: boolean;
}

/** What was recorded of subscribing: nothing is billed, and nothing ends. */
export interface Subscription {
  readonly state: 'active' | 'cancelled';
  /** Whether calls were subscribed to. */
  readonly withCalls: boolean;
}

/** The way to WhatsApp by way of somebody else's address. */
export interface Proxy {
  /** `socks5://user:password@host:port`, also `socks4:`, `http:` and `https:`. */
  readonly url: string;
  /** Whether it is to be used. */
  readonly isEnabled: boolean;
}

/** What is kept of an instance. */
export interface Instance {
  readonly id: InstanceId;
  readonly name: string;
  /** The secret in the instance's path. */
  readonly token: string;
  readonly createdAt: Date;
  readonly settings: InstanceSettings;
  readonly subscription: Subscription;
  readonly proxy: Proxy | undefined;
  /** When it was exported to another gateway, and does not connect here any more; `undefined` for all others. */
  readonly movedAt: Date | undefined;
}

/** What is to become of an instance; what is absent stays. A setting that is `undefined` becomes one that was never set. */
export interface InstanceChange {
  readonly name?: string;
  readonly settings?: {
    readonly [Setting in keyof InstanceSettings]?: InstanceSettings[Setting] | undefined;
  };
  readonly subscription?: Subscription;
  readonly proxy?: Proxy | undefined;
  readonly movedAt?: Date | undefined;
}

/** Which instances to list. */
export interface InstancePage {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
  /** A part of the name or id, in any case. */
  readonly query?: string | undefined;
}
