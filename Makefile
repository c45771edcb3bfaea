# Two commands: `make run` and `make test`. Paths are relative on purpose: the checkout may lie in a folder with spaces.
# BOOK, MAP and PORT reach the recipe through the environment, so that their values may hold spaces too.
# The folder may have a Chinese name and the terminal no locale at all.
export PYTHONUTF8 := 1
.PHONY: run test setup quick docs nightly soak faults spark bench-gate race audit-dependencies schemathesis fuzz-import help

help:
	@printf '%s\n' \
	  'make run     安装、启动数据库、装入演示账本、处理一个工作日并打开控制台 · set up, load the demonstration book, work a day, serve' \
	  '             BOOK=账本.csv MAP=map.toml  用自己的账本 · your own book;  PORT=8000' \
	  'make test    安装并运行全部检查与测试 · set up and run every check and test' \
	  'make setup   只安装 · only set up        make quick   快速检查 · the fast checks' \
	  'make docs    重新生成参考文档 · write the generated pages again' \
  'make nightly 长时间比对法规的几种读法 · compare the readings of the law for hours;  RUN=closures  ARGS="--seconds 600"' \
  'make soak    模拟数周的全部业务，随机种子，独立审计 · simulated weeks of random seeds, audited;  SECONDS=600  ARGS="--persons 200 --days 30"' \
  'make bench-gate  同一台服务器上比较许可与 pgbench 的速度 · permits a second beside pgbench;  ARGS="--seconds 10"' \
  'make race    六十四个工作线程争抢最后一次许可 · 64 workers race for the last permit;  ARGS="--proposals 10000"' \
  'make schemathesis  以生成的数据试遍接口 · every operation of the API with generated data;  EXAMPLES=200' \
  'make fuzz-import  以没有人会写的文件试导入 · the import with files that nobody would write;  FILES=1400 SEED=1' \
  'make audit-dependencies  已锁定的依赖有无已知漏洞公告 · known advisories against the locks;  ARGS="--strict"' \
  'make spark   在 Spark 上比对批量决定（需要 Java 17） · compare the batch on Spark with DuckDB; needs Java 17'

setup:
	@scripts/setup.sh app

# Should make itself be killed, the product stops too (--pdeathsig); `zhizhi run` started by hand has no such tie.
run: setup
	@exec setpriv --pdeathsig TERM .venv/bin/zhizhi run $${BOOK:+--book "$$BOOK"} $${MAP:+--map "$$MAP"} $${PORT:+--port "$$PORT"}

test:
	@scripts/setup.sh dev
	@exec setpriv --pdeathsig TERM .venv/bin/python scripts/test.py

quick:
	@scripts/setup.sh dev
	@exec .venv/bin/python scripts/test.py --quick

docs:
	@scripts/setup.sh dev
	@.venv/bin/python scripts/docs.py

# Long comparisons of the readings of the law; the table of runs is in the script.
nightly:
	@scripts/setup.sh dev
	@exec .venv/bin/python scripts/nightly.py $(RUN) $(ARGS)

# Worlds of random seeds, one after another; with ARGS="--seed N" one of them again.
soak:
	@scripts/setup.sh dev
	@exec .venv/bin/python scripts/soak.py $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

# Both on a server of their own that is gone afterwards; they want a quiet machine.
bench-gate:
	@scripts/setup.sh dev
	@exec .venv/bin/python benchmarks/gate.py $(ARGS)

race:
	@scripts/setup.sh dev
	@exec .venv/bin/python benchmarks/race.py $(ARGS)

# Data made from the document of the API, right and wrong, at every operation; prints how many and what they were answered.
schemathesis:
	@scripts/setup.sh dev
	@exec env ZHIZHI_API_EXAMPLES=$(or $(EXAMPLES),200) .venv/bin/python -m pytest -s --timeout 0 tests/web/test_api_conforms.py

# Files that nobody would write, made from a seed, through the API and the job; prints what they were answered.
fuzz-import:
	@scripts/setup.sh dev
	@exec env ZHIZHI_IMPORT_FILES=$(or $(FILES),1400) ZHIZHI_IMPORT_SEED=$(or $(SEED),1) .venv/bin/python -m pytest -s --timeout 0 tests/web/test_import_fuzz.py

# Known advisories against the locks; ARGS="--strict" fails also where no source of advisories answers
audit-dependencies:
	@scripts/setup.sh dev
	@exec .venv/bin/python scripts/audit_dependencies.py $(ARGS)

# Faults at every commit and every step of delivery (docs/faults.md);  ARGS="--count 300 --seed 2"
faults:
	@scripts/setup.sh dev
	@exec .venv/bin/python scripts/faults.py $(ARGS)

# Spark is built from source and is large: an environment of its own, made again when a lock changes.
spark: .venv-spark/made
	@exec env PYTHONPATH=src .venv-spark/bin/python -m pytest -rs tests/reference/test_batch_spark.py

.venv-spark/made: requirements/build.txt requirements/dev.txt requirements/spark.txt
	@scripts/setup.sh dev
	@rm -rf .venv-spark && .venv/bin/python -m venv .venv-spark
	@.venv-spark/bin/pip install -qq --require-hashes -r requirements/build.txt
	@.venv-spark/bin/pip install -qq --require-hashes --no-build-isolation -r requirements/dev.txt -r requirements/spark.txt
	@touch .venv-spark/made
