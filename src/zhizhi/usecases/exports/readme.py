"""What a bundle says of itself: what is in it, how it is checked with our command and with common tools, its limits."""

_TEXT = """{stamp}

查看记录存证包 · Who saw whom: a bundle of evidence
=================================================

内容 · What is in it
  manifest.json        清单：每个文件的字节数与 SHA-256，导出号与查询条件
                       each file's bytes and SHA-256, the export, what was asked
  manifest.note        清单的签名（Ed25519，C2SP signed-note）· the signature of the manifest
  verifier_key.txt     日志公钥；请用另行取得的公钥核验 · the log's public key; use one that you got another way
  documents/views.csv  供人阅读 · for people
  documents/views.json 供核对：每行与一条存证条目逐项相同 · for checking: each row is a leaf of the log, item by item
  leaves.jsonl         存证条目、披露的值与盐、包含证明 · leaves, opened values with their salts, inclusion proofs
  checkpoints/         签名锚点，及两者之间的一致性证明 · signed checkpoints and the proof between them

用一条命令核验（不需网络与数据库）· Check it with one command (no network, no database)
  zhizhi evidence verify BUNDLE.zip --key KEY.txt
  退出码 0：全部成立；1：有不成立之处，报告逐处列明。
  Exit 0: everything holds; 1: something does not, each place is named.

只用通用工具 · With common tools alone
  1 解包，对照清单 · unpack, compare with the manifest:
      unzip BUNDLE.zip && sha256sum -- documents/* checkpoints/* leaves.jsonl README.txt verifier_key.txt
  2 manifest.note 的第三行是清单的摘要 · the third line of manifest.note is the digest of the manifest:
      test "sha256 $(sha256sum < manifest.json | cut -c 1-64)" = "$(sed -n 3p manifest.note)"
  3 签名、包含证明与披露的值：docs/evidence.md 的步骤一至四，签名文本为空行以前的部分。
    Signature, inclusion proofs, opened values: steps 1 to 4 of docs/evidence.md; what is signed stands above the
    empty line.
      叶哈希 · leaf hash: SHA-256(0x00 || entry)    节点 · node: SHA-256(0x01 || left || right)
      披露 · opened: SHA-256(salt || canonical JSON of the value) = digest of the field in the entry

证明什么，不证明什么 · What it proves, and what it does not
  每条记录当时已入日志，此后未改。 Each entry was in the log when it was signed, and was not changed since.
  本包不自证“没有更多”：请以 `zhizhi evidence export-log` 所得的完整日志，按 kind 与 subject 核对条数。
  It does not prove by itself that there are no others: count them by kind and subject in the whole log (`export-log`).
  被查看人以日志中的随机编号与案件编号表示，不含姓名。
  Persons stand by their random id in the log and a case number; no name is in it.
"""


def readme(stamp: str) -> str:
    """The text, with the stamp of this export in its first line."""
    return _TEXT.format(stamp=stamp)
