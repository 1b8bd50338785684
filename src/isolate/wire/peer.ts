import { PlugmapError } from "../../errors.ts";
import { Allowance, Load, weightOf } from "./allowance.ts";
import { ByteReader } from "./byte_reader.ts";
import { OfferedCapabilities } from "./capability.ts";
import type { ByteChannel } from "./channel.ts";
import type { FrameReader } from "./frame_reader.ts";
import { type Handler, IncomingCalls } from "./incoming_calls.ts";
import { IncomingStreams } from "./incoming_streams.ts";
import { Intake } from "./intake.ts";
import { resolveLimits, type WireLimits } from "./limits.ts";
import { Kind, protocolVersion } from "./messages.ts";
import { type CallOptions, OutgoingCalls } from "./outgoing_calls.ts";
import { OutgoingStreams } from "./outgoing_streams.ts";
import { violation } from "./problems.ts";
import { Sender } from "./sender.ts";
import { ValueDecoder } from "./value_decoder.ts";

/** What a {@linkcode Peer} needs to know. */
export interface PeerOptions {
  /** The way to the other side. */
  readonly channel: ByteChannel;
  /** The methods that the other side may call, by their place in the list: nothing else can be. */
  readonly methods: readonly Handler[];
  /** Caps that differ from the defaults. */
  readonly limits?: Partial<WireLimits> | undefined;
  /** Whether functions of the other side may come in its values. Default: no. */
  readonly takesCapabilities?: boolean | undefined;
  /**
   * Called once when the channel has ended or the other side has broken the protocol, after all pending calls have been
   * rejected with the same error. Not called for {@linkcode Peer.close}.
   */
  readonly onClose?: ((error: PlugmapError) => void) | undefined;
}

/**
 * One side of a channel: calls methods of the other side, and answers its calls. Whatever the other side sends, it can
 * do no more than call the methods and functions it was given, within the limits; the first thing that the protocol does
 * not allow closes the channel.
 */
export class Peer {
  readonly #channel: ByteChannel;
  readonly #methods: readonly Handler[];
  readonly #takesCapabilities: boolean;
  readonly #onClose: ((error: PlugmapError) => void) | undefined;

  readonly #allowance = new Allowance();
  readonly #load: Load;
  readonly #offered = new OfferedCapabilities();
  readonly #sender: Sender;
  readonly #intake: Intake;
  readonly #calls: OutgoingCalls;
  readonly #answers: IncomingCalls;
  readonly #sources: OutgoingStreams;
  readonly #streams: IncomingStreams;
  readonly #reader = new ByteReader();
  readonly #decoder: ValueDecoder;
  #isGreeted = false;
  #isClosed = false;

  /**
   * Says hello, and starts to receive.
   *
   * @param options The channel, and what the other side may do.
   * @throws {PlugmapError} `option-invalid` for a limit that is none.
   */
  constructor(options: PeerOptions) {
    const limits = resolveLimits(options.limits);
    this.#channel = options.channel;
    this.#methods = options.methods;
    this.#takesCapabilities = options.takesCapabilities ?? false;
    this.#onClose = options.onClose;
    this.#load = new Load(limits.bytesAtWork);
    this.#sender = new Sender(options.channel, limits, {
      offered: this.#offered,
      openStream: (items) => this.#sources.open(items),
      discardStreams: (ids) => this.#sources.discard(ids),
    });
    this.#calls = new OutgoingCalls(this.#sender, this.#allowance, limits);
    this.#answers = new IncomingCalls(this.#sender, this.#load, limits);
    this.#sources = new OutgoingStreams({ sender: this.#sender, allowance: this.#allowance }, limits);
    this.#streams = new IncomingStreams({ sender: this.#sender, load: this.#load, limits });
    this.#decoder = new ValueDecoder(this.#reader, limits, {
      acceptStream: (id) => this.#streams.accept(id),
      acceptCapability: (number) => this.#acceptCapability(number),
    });
    this.#intake = new Intake(options.channel, limits, (message) => this.#take(message), (error) => {
      this.#fail(PlugmapError.within(error, "isolate-protocol", {}));
    });

    this.#sender.control(Kind.hello, protocolVersion, limits.callsAtWork, limits.bytesAtWork, limits.streams);
    options.channel.start({
      onBytes: (bytes) => this.#intake.receive(bytes),
      onEnd: (cause) =>
        this.#fail(new PlugmapError("isolate-crashed", "The other side has closed the channel", { cause })),
    });
  }

  /** Whether the other side has said hello. */
  get isGreeted(): boolean {
    return this.#isGreeted;
  }

  /** Calls of this side that wait for an answer. */
  get pending(): number {
    return this.#calls.pending;
  }

  /** Streams that are open, in both directions. */
  get streams(): number {
    return this.#sources.size + this.#streams.size;
  }

  /**
   * Calls a method of the other side. Calls of one tick go out in one write. Byte arrays of 64 KiB and more are not
   * copied on the way to the channel: do not change them before the call has settled.
   *
   * @param method The place of the method in the other side's list.
   * @param args What its handler gets.
   * @param options A time limit and a signal.
   * @returns What the handler returned, or what it threw, as data: errors are of standard classes, and keep name, code,
   * stack and cause.
   * @throws {PlugmapError} `isolate-value` when the arguments cannot be sent, `isolate-limit` when they are over a cap or
   * too many calls wait, `isolate-timeout` when the time limit has passed; the reason of the signal when it is aborted;
   * what `onClose` gets when the channel ends.
   */
  call(method: number, args: unknown, options?: CallOptions): Promise<unknown> {
    return this.#calls.call(Kind.call, method, args, options);
  }

  /**
   * Ends the channel, after what was sent.
   *
   * @param error What pending calls reject with. Default: `isolate-crashed`.
   */
  close(error: PlugmapError = new PlugmapError("isolate-crashed", "The channel is closed")): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#intake.close();
    this.#sources.close();
    this.#sender.close();
    this.#channel.close();
    this.#offered.close();
    this.#answers.close(error);
    this.#streams.close(error);
    this.#calls.close(error);
  }

  #fail(error: PlugmapError): void {
    if (this.#isClosed) return;
    this.close(error);
    this.#onClose?.(error);
  }

  #acceptCapability(number: number): (...args: unknown[]) => Promise<unknown> {
    if (!this.#takesCapabilities) throw violation("A function comes from a side that may send none");
    return (...args) => this.#calls.call(Kind.invoke, number, args);
  }

  #take(message: FrameReader): void {
    const reader = this.#reader;
    reader.reset(message.bytes, message.start, message.end);
    switch (message.kind) {
      case Kind.call:
        return this.#run(message, reader.varint(), this.#method(reader.varint()));
      case Kind.reply:
        return this.#settle(message, false);
      case Kind.error:
        return this.#settle(message, true);
      case Kind.invoke:
        return this.#run(message, reader.varint(), this.#offered.handler(reader.varint()));
      case Kind.item:
        return this.#item(message);
      case Kind.fail: {
        const stream = this.#streams.expect(reader.varint());
        return stream.end({ error: this.#decoder.decode(message.attachments) });
      }
    }
    // The others are numbers alone.
    if (message.attachments.length > 0) throw violation("An attachment belongs to no value");
    switch (message.kind) {
      case Kind.hello:
        return this.#greet(reader.varint(), reader.varint(), reader.varint(), reader.varint());
      case Kind.cancel:
        return this.#answers.cancel(this.#last());
      case Kind.end:
        return this.#streams.expect(this.#last()).end();
      case Kind.credit:
        return this.#sources.credit(reader.varint(), reader.varint(), this.#last());
      case Kind.stop:
        return this.#sources.stop(this.#last());
    }
  }

  /** The number that a message ends with. */
  #last(): number {
    const number = this.#reader.varint();
    if (this.#reader.remaining > 0) throw violation("A message is longer than it should be");
    return number;
  }

  #greet(version: number, calls: number, bytes: number, streams: number): void {
    if (version !== protocolVersion) {
      throw violation(
        `The other side speaks version ${version} of the protocol, and this one version ${protocolVersion}`,
      );
    }
    if (this.#isGreeted || this.#reader.remaining > 0) throw violation("The other side says hello twice");
    this.#isGreeted = true;
    this.#allowance.calls = calls;
    this.#allowance.bytes = bytes;
    this.#sources.allow(streams);
    this.#allowance.notify();
  }

  #run(message: FrameReader, id: number, handler: Handler): void {
    const call = this.#answers.open(id, this.#reader.varint());
    const args = this.#decoder.decode(message.attachments);
    if (message.kind === Kind.invoke && !Array.isArray(args)) throw violation("Arguments of a function are no array");
    this.#answers.run(call, handler, args, weightOf(message.size, this.#decoder.count));
  }

  #method(method: number): Handler {
    const handler = this.#methods[method];
    if (handler === undefined) throw violation(`A call is for method ${method}, which does not exist`);
    return handler;
  }

  #settle(message: FrameReader, isError: boolean): void {
    const id = this.#reader.varint();
    const call = this.#calls.expect(id);
    this.#calls.settle(id, call, isError, this.#decoder.decode(message.attachments));
  }

  #item(message: FrameReader): void {
    const stream = this.#streams.expect(this.#reader.varint());
    stream.expectItem();
    const value = this.#decoder.decode(message.attachments);
    stream.push(value, weightOf(message.size, this.#decoder.count));
  }
}
