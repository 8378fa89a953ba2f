// ts-mls members behind a pipe: one JSON request a line in, one JSON answer a line out, bytes in base64.
//
// ts-mls keeps a member's group in an immutable ClientState; `members` maps a name to its present one, its key package,
// the state that waits for the hub's word on a commit (`pending`), and the private key of its own waiting Update.

import { createHash } from "node:crypto"
import { createInterface } from "node:readline"
import { XWing } from "@hpke/hybridkem-x-wing"
import { p256, p384, p521 } from "@noble/curves/nist.js"
import * as mls from "ts-mls"
import { encode } from "ts-mls/codec/tlsEncoder.js"
import { decodeVarLenData, varLenDataEncoder } from "ts-mls/codec/variableLength.js"
import { createGroupInfoWithRatchetTree } from "ts-mls/createCommit.js"
import { getCiphersuiteFromId } from "ts-mls/crypto/ciphersuite.js"
import { groupContextEncoder } from "ts-mls/groupContext.js"
import { signLeafNodeCommit } from "ts-mls/leafNode.js"
import { decodeRatchetTree, ratchetTreeEncoder } from "ts-mls/ratchetTree.js"
import { leafToNodeIndex } from "ts-mls/treemath.js"

const XWING_SUITE = 83
const ROOM_EXTENSIONS = [0xf0a1, 0xf0a2]
const members = new Map()
const psks = {}
let suite

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"))
const text = (data) => Buffer.from(data).toString("base64")
const decoded = (message, wireformat) => {
  const found = mls.decodeMlsMessage(bytes(message), 0)
  if (found === undefined) throw new Error("not an MLSMessage")
  if (wireformat !== undefined && found[0].wireformat !== wireformat) throw new Error(`a ${found[0].wireformat}`)
  return found[0]
}
const extensionsOf = (list) =>
  list.map(([type, data]) => ({ extensionType: namedExtension(type), extensionData: bytes(data) }))
const namedExtension = (type) =>
  Object.keys(mls.defaultExtensionTypes).find((name) => mls.defaultExtensionTypes[name] === type) ?? type
const pskIndex = (state) => mls.makePskIndex(state, psks)
const pskProposal = ({ kind, nonce, ...named }) => ({
  proposalType: "psk",
  psk: { preSharedKeyId: pskId(kind, bytes(nonce), named) },
})
const pskId = (kind, pskNonce, { id, group, epoch }) =>
  kind === "external"
    ? { psktype: "external", pskId: bytes(id), pskNonce }
    : { psktype: "resumption", usage: "application", pskGroupId: bytes(group), pskEpoch: BigInt(epoch), pskNonce }
const treeOf = (state) => text(encode(ratchetTreeEncoder)(state.ratchetTree))

async function keyPackage({ who }) {
  const now = BigInt(Math.floor(Date.now() / 1000))
  const made = await mls.generateKeyPackageWithKey(
    { credentialType: "basic", identity: new TextEncoder().encode(who) },
    { ...mls.defaultCapabilities(), extensions: ROOM_EXTENSIONS },
    { notBefore: now - 3600n, notAfter: now + 86400n },
    [],
    await signingKey(),
    suite,
  )
  members.set(who, { ...members.get(who), package: made })
  return text(mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage: made.publicPackage }))
}

// RFC 9420 §5.1.1 has an ECDSA key as an uncompressed point; ts-mls makes compressed ones, and reads both.
async function signingKey() {
  const { signKey, publicKey } = await suite.signature.keygen()
  const curve = { P256: p256, P384: p384, P521: p521 }[mls.getCiphersuiteFromName(suite.name).signature]
  return { signKey, publicKey: curve === undefined ? publicKey : curve.Point.fromBytes(publicKey).toBytes(false) }
}

async function found({ who, group }) {
  const own = members.get(who)
  own.state = await mls.createGroup(bytes(group), own.package.publicPackage, own.package.privatePackage, [], suite)
}

async function join({ who, welcome, tree }) {
  const own = members.get(who)
  own.state = await mls.joinGroup(
    decoded(welcome, "mls_welcome").welcome,
    own.package.publicPackage,
    own.package.privatePackage,
    pskIndex(undefined),
    suite,
    tree === null ? undefined : decodeRatchetTree(bytes(tree), 0)[0],
  )
}

async function commit({ who, add, remove, psks: keys, tree_inside: treeInside, ...manner }) {
  const { authenticated_data: data, in_private: inPrivate } = manner
  const own = members.get(who)
  const extraProposals = [
    ...remove.map((removed) => ({ proposalType: "remove", remove: { removed } })),
    ...add.map((message) => ({ proposalType: "add", add: { keyPackage: decoded(message, "mls_key_package").keyPackage } })),
    ...keys.map(pskProposal),
  ]
  const made = await mls.createCommit(
    { state: own.state, pskIndex: pskIndex(own.state), cipherSuite: suite },
    { wireAsPublicMessage: !inPrivate, extraProposals, ratchetTreeExtension: treeInside, authenticatedData: bytes(data) },
  )
  own.pending = made.newState
  const welcome = made.welcome && { version: "mls10", wireformat: "mls_welcome", welcome: made.welcome }
  return {
    message: text(mls.encodeMlsMessage(made.commit)),
    welcome: welcome === undefined ? null : text(mls.encodeMlsMessage(welcome)),
    tree: treeInside ? null : treeOf(made.newState),
  }
}

async function adopt({ who }) {
  const own = members.get(who)
  own.state = own.pending
  own.pending = own.update = undefined
}

async function propose({ who, proposal, authenticated_data: data, in_private: inPrivate }) {
  const own = members.get(who)
  const made = await mls.createProposal(own.state, !inPrivate, await proposalOf(own, proposal), suite, bytes(data))
  own.state = made.newState
  return text(mls.encodeMlsMessage(made.message))
}

async function proposalOf(own, { kind, value }) {
  switch (kind) {
    case "add":
      return { proposalType: "add", add: { keyPackage: decoded(value, "mls_key_package").keyPackage } }
    case "remove":
      return { proposalType: "remove", remove: { removed: value } }
    case "psk":
      return pskProposal(value)
    case "extensions":
      return { proposalType: "group_context_extensions", groupContextExtensions: { extensions: extensionsOf(value) } }
    case "reinit": {
      const [groupId, cipherSuite] = [bytes(value.group), getCiphersuiteFromId(value.suite_id).name]
      return { proposalType: "reinit", reinit: { groupId, version: "mls10", cipherSuite, extensions: [] } }
    }
    case "update":
      return { proposalType: "update", update: { leafNode: await freshLeaf(own) } }
  }
}

// ts-mls signs Update proposals but does not make their leaves, nor keep their keys: that much is done here.
async function freshLeaf(own) {
  const leafIndex = own.state.privatePath.leafIndex
  const { leaf } = own.state.ratchetTree[leafToNodeIndex(leafIndex)]
  const pair = await suite.hpke.generateKeyPair()
  own.update = await suite.hpke.exportPrivateKey(pair.privateKey)
  const { credential, capabilities, signaturePublicKey, extensions } = leaf
  const hpkePublicKey = await suite.hpke.exportPublicKey(pair.publicKey)
  const { groupId } = own.state.groupContext
  const content = { credential, capabilities, signaturePublicKey, extensions, hpkePublicKey, leafNodeSource: "update" }
  return signLeafNodeCommit({ ...content, groupId, leafIndex }, own.state.signaturePrivateKey, suite.signature)
}

// A commit that takes our Update is opened with the Update's key: ts-mls knows the leaf's old one only.
function withUpdate(own, proposals) {
  const leafIndex = own.state.privatePath.leafIndex
  const taken = proposals.some((item) => item.proposal.proposalType === "update" && item.senderLeafIndex === leafIndex)
  if (!taken || own.update === undefined) return own.state
  const privateKeys = { ...own.state.privatePath.privateKeys, [leafToNodeIndex(leafIndex)]: own.update }
  return { ...own.state, privatePath: { ...own.state.privatePath, privateKeys } }
}

async function process({ who, message }) {
  const own = members.get(who)
  const found = decoded(message)
  const isPublic = found.wireformat === "mls_public_message"
  const run = (state, callback) =>
    isPublic
      ? mls.processPublicMessage(state, found.publicMessage, pskIndex(state), suite, callback)
      : mls.processPrivateMessage(state, found.privateMessage, pskIndex(state), suite, callback)
  let incoming
  const look = (seen) => ((incoming = seen), "reject")
  if (own.update !== undefined) await run(own.state, look)
  const isCommit = incoming?.kind === "commit"
  const result = await run(isCommit ? withUpdate(own, incoming.proposals) : own.state, mls.acceptAll)
  if (result.newState.groupContext.epoch !== own.state.groupContext.epoch) own.pending = own.update = undefined
  own.state = result.newState
}

async function encrypt({ who, plaintext, authenticated_data: data }) {
  const own = members.get(who)
  const made = await mls.createApplicationMessage(own.state, bytes(plaintext), suite, bytes(data))
  own.state = made.newState
  const { privateMessage } = made
  return text(mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_private_message", privateMessage }))
}

async function decrypt({ who, message }) {
  const own = members.get(who)
  const { privateMessage } = decoded(message, "mls_private_message")
  const result = await mls.processPrivateMessage(own.state, privateMessage, pskIndex(own.state), suite)
  if (result.kind !== "applicationMessage") throw new Error("not an application message")
  own.state = result.newState
  return { plaintext: text(result.message), authenticated_data: text(privateMessage.authenticatedData) }
}

async function state({ who, label, context, length }) {
  const { state } = members.get(who)
  const { groupContext, keySchedule, ratchetTree, groupActiveState } = state
  const leaves = ratchetTree.filter((_, node) => node % 2 === 0)
  const named = leaves.map((node, index) => (node ? [index, new TextDecoder().decode(node.leaf.credential.identity)] : null))
  return {
    epoch: Number(groupContext.epoch),
    context: text(encode(groupContextEncoder)(groupContext)),
    exported: text(await mls.mlsExporter(keySchedule.exporterSecret, label, bytes(context), length, suite)),
    authenticator: text(keySchedule.epochAuthenticator),
    tree: treeOf(state),
    members: named.filter((entry) => entry !== null),
    active: groupActiveState.kind === "active",
  }
}

// RFC 9420 §12.4.3.2 has the external key as an ExternalPub, so with its length; ts-mls writes and reads it bare.
async function groupInfo({ who }) {
  const { state } = members.get(who)
  const pair = await suite.hpke.deriveKeyPair(state.keySchedule.externalSecret)
  const key = encode(varLenDataEncoder)(await suite.hpke.exportPublicKey(pair.publicKey))
  const extensions = [{ extensionType: "external_pub", extensionData: key }]
  const made = await createGroupInfoWithRatchetTree(
    state.groupContext, state.confirmationTag, state, state.ratchetTree, extensions, suite,
  )
  return text(mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_group_info", groupInfo: made }))
}

async function joinExternal({ who, group_info: info, authenticated_data: data }) {
  const own = members.get(who)
  const { groupInfo: found } = decoded(info, "mls_group_info")
  const written = found.extensions.find((extension) => extension.extensionType === "external_pub").extensionData
  const importPublicKey = (key) => suite.hpke.importPublicKey(key === written ? decodeVarLenData(key, 0)[0] : key)
  const reading = { ...suite, hpke: { ...suite.hpke, importPublicKey } }
  const { publicPackage, privatePackage } = own.package
  const made = await mls.joinGroupExternal(
    found, publicPackage, privatePackage, false, reading, undefined, undefined, bytes(data),
  )
  own.pending = made.newState
  const { publicMessage } = made
  return text(mls.encodeMlsMessage({ version: "mls10", wireformat: "mls_public_message", publicMessage }))
}

// A group that continues this one (RFC 9420 §11.2), or branches off from it into `group` (§11.3).
async function goOn({ who, group, packages }) {
  const own = members.get(who)
  const { publicPackage, privatePackage } = own.package
  const others = packages.map((message) => decoded(message, "mls_key_package").keyPackage)
  const to = own.state.groupActiveState.reinit
  const made =
    group === null
      ? await mls.reinitCreateNewGroup(
          own.state, publicPackage, privatePackage, others, to.groupId, to.cipherSuite, to.extensions,
        )
      : await mls.branchGroup(own.state, publicPackage, privatePackage, others, bytes(group), suite)
  own.state = made.newState
  const welcome = { version: "mls10", wireformat: "mls_welcome", welcome: made.welcome }
  return { welcome: text(mls.encodeMlsMessage(welcome)), tree: treeOf(made.newState) }
}

async function joinContinued({ who, welcome, tree }) {
  const own = members.get(who)
  const { publicPackage, privatePackage } = own.package
  const found = decoded(welcome, "mls_welcome").welcome
  const apart = tree === null ? undefined : decodeRatchetTree(bytes(tree), 0)[0]
  own.state = await mls.joinGroup(found, publicPackage, privatePackage, pskIndex(own.state), suite, apart, own.state)
}

// The KEM's DeriveKeyPair as draft-ietf-hpke-pq has it, by LabeledDerive; ts-mls has it as draft-connolly-cfrg-xwing-kem.
async function xwingDerivation() {
  const kem = new XWing()
  await kem.generateKeyPair()
  const label = Buffer.from("DeriveKeyPair")
  const head = Buffer.concat([Buffer.from("HPKE-v1KEM"), Buffer.from([0x64, 0x7a]), Buffer.from([0, label.length]), label])
  return (material) => {
    const input = Buffer.concat([material, head, Buffer.from([0, 32])])
    return kem.generateKeyPairDerand(new Uint8Array(createHash("shake256", { outputLength: 32 }).update(input).digest()))
  }
}

const operations = {
  choose: async ({ suite_id: id }) => {
    suite = await mls.getCiphersuiteImpl(getCiphersuiteFromId(id))
    if (id === XWING_SUITE) suite = { ...suite, hpke: { ...suite.hpke, deriveKeyPair: await xwingDerivation() } }
  },
  clear: async () => {
    members.clear()
  },
  psk: async ({ id, secret }) => {
    psks[mls.bytesToBase64(bytes(id))] = bytes(secret)
  },
  keyPackage, found, join, commit, adopt, propose, process, encrypt, decrypt, state,
  groupInfo, joinExternal, goOn, joinContinued,
}

for await (const line of createInterface({ input: globalThis.process.stdin })) {
  const request = JSON.parse(line)
  let answer
  try {
    answer = { ok: (await operations[request.op](request)) ?? null }
  } catch (error) {
    answer = { refused: `${error.name}: ${error.message}` }
  }
  globalThis.process.stdout.write(`${JSON.stringify(answer)}\n`)
}
