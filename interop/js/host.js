// One host: TCP, Noise, yamux, identify, ping, and the protocols of the tests, both as server and as client.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { peerIdFromString } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { byteStream } from '@libp2p/utils'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const ECHO = '/interop/echo/1.0.0'
const SINK = '/interop/sink/1.0.0'
const SOURCE = '/interop/source/1.0.0'
const HOLD = '/interop/hold/1.0.0'
const RESET = '/interop/reset/1.0.0'

const AGENT = 'spegel-interop-js'
const CHUNK_BYTES = 64 * 1024
const MAX_SOURCE_BYTES = 1 << 30
const MAX_ENDINGS = 4096
const DIGEST_BYTES = 32
const DEFAULT_STREAMS = 256

export class JsHost {
  #node
  #endings = []
  #identified = new Map()

  static async start (spec) {
    const maxStreams = spec.maxStreams ?? DEFAULT_STREAMS
    const host = new JsHost()
    host.#node = await createLibp2p({
      addresses: { listen: spec.listen ?? ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux({ maxInboundStreams: maxStreams, maxOutboundStreams: maxStreams })],
      // A ping's stream counts until the other side has closed it too, so the next one needs room beside it.
      services: { identify: identify(), ping: ping({ maxInboundStreams: 8, maxOutboundStreams: 8 }) },
      nodeInfo: { userAgent: AGENT }
    })
    host.#node.addEventListener('peer:identify', ({ detail }) => {
      host.#identified.set(detail.connection.id, detail)
    })
    await host.#serve(maxStreams)
    return host
  }

  get peer () {
    return this.#node.peerId.toString()
  }

  get addrs () {
    return this.#node.getMultiaddrs().map(address => address.decapsulate('/p2p').toString())
  }

  async stop () {
    await this.#node.stop()
  }

  // What peers may have of this host.

  async #serve (maxStreams) {
    const handlers = {
      [ECHO]: stream => serveEcho(stream),
      [SINK]: stream => serveSink(stream),
      [SOURCE]: stream => serveSource(stream),
      [HOLD]: stream => this.#serveHold(stream),
      [RESET]: stream => serveReset(stream)
    }
    for (const [protocol, handler] of Object.entries(handlers)) {
      await this.#node.handle(protocol, async stream => {
        try {
          await handler(stream)
          await stream.close()
        } catch (error) {
          stream.abort(error)
        }
      }, { maxInboundStreams: maxStreams, maxOutboundStreams: maxStreams })
    }
  }

  // Sends one byte, waits for the peer to end the stream, and remembers how it did; after an end in good order it sends
  // one byte more.
  async #serveHold (stream) {
    stream.send(Buffer.from('+'))
    let ending = 'end'
    try {
      await readAll(stream)
      if (stream.status === 'reset') {
        ending = 'reset'
      }
    } catch (error) {
      ending = error.name === 'StreamResetError' ? 'reset' : `error: ${error.name}`
    }
    if (this.#endings.length < MAX_ENDINGS) {
      this.#endings.push(ending)
    }
    if (ending === 'end') {
      stream.send(Buffer.from('.'))
    }
  }

  async counters () {
    return { endings: this.#endings }
  }

  // What this host does with a peer.

  async connect ({ peer, addrs }, signal) {
    const begin = performance.now()
    await this.#node.dial(addrs.map(address => multiaddr(`${address}/p2p/${peer}`)), { signal })
    return { millis: performance.now() - begin }
  }

  async disconnect ({ peer }, signal) {
    await this.#node.hangUp(peerIdFromString(peer), { signal })
  }

  async connections ({ peer }) {
    return this.#with(peer).map(connection => ({
      peer: connection.remotePeer.toString(),
      remote: connection.remoteAddr.toString(),
      inbound: connection.direction === 'inbound',
      security: connection.encryption,
      muxer: connection.multiplexer,
      streams: connection.streams.length
    }))
  }

  #with (peer) {
    return this.#node.getConnections(peer ? peerIdFromString(peer) : undefined)
  }

  async #open (peer, protocol, signal) {
    const [connection] = this.#with(peer)
    if (connection === undefined) {
      throw new Error(`not connected to ${peer}`)
    }
    return connection.newStream(protocol, { signal, maxOutboundStreams: Infinity })
  }

  // What the peer has said: this host asks by itself as soon as it is connected.
  async identify ({ peer }, signal) {
    const [connection] = this.#with(peer)
    while (!this.#identified.has(connection.id)) {
      await once(this.#node, 'peer:identify', { signal })
    }
    const said = this.#identified.get(connection.id)
    return {
      protocols: said.protocols,
      agent: said.agentVersion,
      protocolVersion: said.protocolVersion,
      addrs: said.listenAddrs.map(address => address.toString()),
      observed: said.observedAddr?.toString(),
      keyMatches: said.peerId.toString() === peer
    }
  }

  async ping ({ peer, count }, signal) {
    const millis = []
    for (let i = 0; i < count; i++) {
      millis.push(await this.#node.services.ping.ping(peerIdFromString(peer), { signal }))
    }
    return millis
  }

  // Opens as many streams as asked for at once, and has the peer echo so many bytes on each. Each stream sends a byte
  // first, and its rest only when all have their first byte back.
  async echo ({ peer, count, bytes }, signal) {
    const begin = performance.now()
    const greeted = await Promise.all(Array.from({ length: Math.max(1, count) }, async () => {
      const stream = await this.#open(peer, ECHO, signal)
      const reader = byteStream(stream)
      await reader.write(Buffer.from('1'), { signal })
      await reader.read({ bytes: 1, signal })
      return reader.unwrap()
    }))
    await Promise.all(greeted.map(async stream => {
      const payload = randomBytes(Math.max(0, bytes - 1))
      const [back] = await Promise.all([readAll(stream), write(stream, [payload], signal).then(() => stream.close({ signal }))])
      if (!payload.equals(back)) {
        throw new Error(`of ${payload.length} bytes other ${back.length} came back`)
      }
    }))
    return { millis: performance.now() - begin }
  }

  async send ({ peer, bytes }, signal) {
    const begin = performance.now()
    const stream = await this.#open(peer, SINK, signal)
    const digest = createHash('sha256')
    await write(stream, randomChunks(bytes, digest), signal)
    await stream.close({ signal })
    return transfer(begin, bytes, digest.digest(), await readAll(stream))
  }

  async fetch ({ peer, bytes, chunkBytes, pauseMicros }, signal) {
    const begin = performance.now()
    const stream = await this.#open(peer, SOURCE, signal)
    const length = Buffer.alloc(8)
    length.writeBigUInt64BE(BigInt(bytes))
    const reader = byteStream(stream)
    await reader.write(length, { signal })
    const digest = createHash('sha256')
    for (let left = bytes; left > 0;) {
      const piece = await reader.read({ bytes: Math.min(left, chunkBytes || CHUNK_BYTES), signal })
      digest.update(piece.subarray())
      left -= piece.byteLength
      if (pauseMicros > 0) {
        await pause(pauseMicros / 1000)
      }
    }
    const theirs = (await reader.read({ bytes: DIGEST_BYTES, signal })).subarray()
    await stream.close({ signal })
    return transfer(begin, bytes, digest.digest(), Buffer.from(theirs))
  }

  // Ends its own side of a hold stream first, and gives what comes after that.
  async halfClose ({ peer }, signal) {
    const stream = await this.#open(peer, HOLD, signal)
    const reader = byteStream(stream)
    await reader.read({ bytes: 1, signal })
    reader.unwrap()
    await stream.close({ signal })
    return (await readAll(stream)).toString()
  }

  // Resets a hold stream that the peer serves already.
  async reset ({ peer }, signal) {
    const stream = await this.#open(peer, HOLD, signal)
    const reader = byteStream(stream)
    await reader.read({ bytes: 1, signal })
    reader.unwrap().abort(new Error('to be reset'))
  }

  // Has the peer reset a stream, and fails when the stream ends in another way.
  async expectReset ({ peer }, signal) {
    const stream = await this.#open(peer, RESET, signal)
    const closed = new Promise(resolve => stream.addEventListener('close', resolve, { once: true }))
    stream.send(Buffer.from('1'))
    const event = await Promise.race([closed, readAll(stream).catch(() => closed)])
    if (event.error?.name !== 'StreamResetError' || event.local) {
      throw new Error(`not reset by the peer, but ${event.error?.name ?? 'ended'}`)
    }
  }
}

function transfer (begin, bytes, ours, theirs) {
  if (!ours.equals(theirs)) {
    throw new Error(`here ${ours.toString('hex')}, and the peer says ${theirs.toString('hex')}`)
  }
  return { millis: performance.now() - begin, bytes, digest: ours.toString('hex') }
}

async function readAll (stream) {
  const pieces = []
  for await (const piece of stream) {
    pieces.push(Buffer.from(piece.subarray()))
  }
  return Buffer.concat(pieces)
}

// Sends the pieces as fast as the peer takes them.
async function write (stream, pieces, signal) {
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; at += CHUNK_BYTES) {
      if (!stream.send(piece.subarray(at, at + CHUNK_BYTES))) {
        await stream.onDrain({ signal })
      }
    }
  }
}

function * randomChunks (bytes, digest) {
  for (let left = bytes; left > 0; left -= CHUNK_BYTES) {
    const piece = randomBytes(Math.min(left, CHUNK_BYTES))
    digest.update(piece)
    yield piece
  }
}

async function serveEcho (stream) {
  for await (const piece of stream) {
    if (!stream.send(piece)) {
      await stream.onDrain()
    }
  }
}

async function serveSink (stream) {
  const digest = createHash('sha256')
  for await (const piece of stream) {
    digest.update(piece.subarray())
  }
  stream.send(digest.digest())
}

async function serveSource (stream) {
  const reader = byteStream(stream)
  const length = await reader.read({ bytes: 8 })
  reader.unwrap()
  const bytes = Number(Buffer.from(length.subarray()).readBigUInt64BE())
  if (bytes > MAX_SOURCE_BYTES) {
    throw new Error(`${bytes} bytes asked for`)
  }
  const digest = createHash('sha256')
  await write(stream, randomChunks(bytes, digest))
  stream.send(digest.digest())
}

async function serveReset (stream) {
  await byteStream(stream).read({ bytes: 1 })
  throw new Error('to be reset')
}
