/**
 * For a person who has the export and has never heard of Pitwall. Says nothing that depends on what was captured but the ids, so that it
 * is the same text for the same case.
 */
export function readme(id: string, keyid: string): string {
  return `# Evidence ${id}

This archive holds what was captured of one container while it was frozen: its memory, processes, open files, network state and file system.
It was made by Pitwall, a program that freezes containers and keeps them as evidence. **It holds every secret that the container had in memory.**

| path | what it is |
|---|---|
| \`statement.dsse.json\` | the signed list of all files with their SHA-256 (in-toto Statement v1 in a DSSE envelope, Ed25519) |
| \`key.pub\` | the public key that the signature is checked with; its id is \`${keyid}\` |
| \`custody.jsonl\` | who did what with the evidence, when and where: one signed line an entry, each holding the hash of the one before |
| \`files/manifest.json\` | case, container, engine, host, times, what was captured and what was not, and the proof that nothing ran meanwhile |
| \`files/\` | processes, open files, sockets, mounts, tmpfs, deleted files, logs and the engine's own description |
| \`checkpoint.tar\` | the memory in the format of CRIU, for checkpointctl; read from /proc, it cannot be restored |
| \`criu.tar\` | a checkpoint that CRIU itself took, where one was asked for |
| \`cores/\` | an ELF core of each process, for gdb |
| \`oci/\` | an OCI layout: the committed file system and the checkpoint as images |

Which of them exist depends on what was captured. \`key.pub\` came with the evidence: whoever could replace the evidence could replace it, too.
Compare its id with one that you got on another way:

    openssl pkey -pubin -in key.pub -outform DER | openssl dgst -sha256

## Check it without Pitwall

Unpack the archive, then in its folder:

1. The signature over the statement (prints \`Signature Verified Successfully\`):

       python3 -c 'import json,base64
       e=json.load(open("statement.dsse.json")); p=base64.b64decode(e["payload"]); t=e["payloadType"].encode()
       open("statement.pae","wb").write(b"DSSEv1 %d %s %d "%(len(t),t,len(p))+p)
       open("statement.sig","wb").write(base64.b64decode(e["signatures"][0]["sig"]))'
       openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in statement.pae -sigfile statement.sig

2. Every file that the statement names (prints \`OK\` for each):

       python3 -c 'import json,base64
       s=json.loads(base64.b64decode(json.load(open("statement.dsse.json"))["payload"]))
       for x in s["subject"]: print(x["digest"]["sha256"]+"  "+x["name"])' | sha256sum -c

3. The chain of custody, and the files that were made after the statement:

       python3 -c 'import json,hashlib
       prev="0"*64
       for line in open("custody.jsonl"):
           e=json.loads(line); said={k:e[k] for k in e if k not in ("hash","keyid","sig")}
           text=json.dumps(said,sort_keys=True,separators=(",",":"),ensure_ascii=False)
           assert e["prev"]==prev and e["hash"]==hashlib.sha256(("pitwall custody 1\\n"+text).encode()).hexdigest(), e["seq"]
           prev=e["hash"]
           if e["what"]=="sealed": later=e["data"]["files"]
       for f in later: print(f["sha256"]+"  "+f["path"])' | sha256sum -c

   Each entry's \`sig\` is an Ed25519 signature over the 64 letters of its \`hash\`. For the last one:

       tail -n 1 custody.jsonl | python3 -c 'import json,base64,sys
       e=json.load(sys.stdin); open("entry.hash","w").write(e["hash"]); open("entry.sig","wb").write(base64.b64decode(e["sig"]))'
       openssl pkeyutl -verify -pubin -inkey key.pub -rawin -in entry.hash -sigfile entry.sig

## Look at it

    checkpointctl show checkpoint.tar
    checkpointctl inspect --all checkpoint.tar
    checkpointctl memparse --pid 1 -s 'a text to search for' checkpoint.tar

    gdb -c cores/core.1                  # with the executable from the file system for names: gdb EXECUTABLE cores/core.1

    skopeo --insecure-policy inspect oci:oci:NAME          # NAME: org.opencontainers.image.ref.name in oci/index.json
    skopeo --insecure-policy copy oci:oci:NAME docker-archive:filesystem.tar:evidence:frozen && docker load -i filesystem.tar
    oras copy --from-oci-layout oci:NAME REGISTRY/REPOSITORY:TAG

Never start the committed file system with a network or with privileges: it may hold what attacked it.
`;
}
