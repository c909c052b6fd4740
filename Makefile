.DEFAULT_GOAL := help
.PHONY: assignors bench bench-check bench-peers build clients codecs conformance differential dist doc encodings errors first fuzz groups headline help hot hot-check image lint logins openapi oracle orders packaged packages resets run sbom scenarios secured shares signers silences soak streams suites test tokens tools transactions ways

# What clients and scenarios run against, unless FAUXKA names a program.
BUILD = $(if $(FAUXKA),,cargo build -q --release -p fauxka --features tls)

help: ## This list
	@sed -n 's/^\([a-z][a-z/-]*\):.*## /\1 - /p' $(MAKEFILE_LIST)

run: ## A cluster on 127.0.0.1:9092; ARGS="--nodes 3 --topic orders:24"
	cargo run --profile quick -p fauxka --features tls -- $(ARGS)

build: ## The program, optimised
	cargo build --release -p fauxka --features tls

dist: ## The static program for Linux, with checksums and bill of materials, in target/archive; TARGET=aarch64-unknown-linux-musl
	.ci/dist

image: ## The container image from the static program, without a daemon, in target/packages/image
	$(if $(FAUXKA),,.ci/dist)
	FAUXKA=$(or $(FAUXKA),target/$(or $(TARGET),$(shell uname -m)-unknown-linux-musl)/dist/fauxka) broker/packages/image/build target/packages/image

packages: ## Writes anew what packages have from the OpenAPI document; NAMES="python"
	for name in $(or $(NAMES),go maven npm python); do broker/packages/$$name/generate || exit 1; done

packaged: ## Builds each package from FAUXKA, a static program, and tries it as its users would; NAMES="python image"
	failed=0; for name in $(or $(NAMES),image go maven npm python); do python3 -B protocol-tests/packages/$$name.py || failed=1; done; exit $$failed

sbom: ## The bill of materials of make dist is valid CycloneDX
	python3 -B protocol-tests/clients/sbom.py

test: ## Everything that needs nothing but Rust
	cargo test --workspace
	@echo 'NOT TESTED HERE: clients of other languages; they are a separate make clients (and make tools, make suites)'

lint: ## Format, lints and documentation, without a warning
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	for features in "" server control tls "server oauth"; do \
		cargo clippy -q -p fauxka --lib --no-default-features --features "$$features" -- -D warnings || exit 1; \
	done
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps

doc: ## The library's documentation
	cargo doc -p fauxka --no-deps

# The load is librdkafka's. Connections need open files.
bench: ## What users meet, in one table; PEERS="kfake mock" beside it, ARGS="--only plain --rounds 5 --peer mine=HOST:PORT"
	cargo build --profile dist -p fauxka --features tls
	-python3 -B protocol-tests/clients/peers.py $(PEERS)
	ulimit -n "$$(ulimit -Hn)"; cargo run --profile dist -p protocol-tests --bin bench -- $(addprefix --peer ,$(PEERS)) $(ARGS)

bench-peers: ## The same beside Apache Kafka, kfake, tansu and librdkafka's mock; takes half an hour
	$(MAKE) bench PEERS="kafka kfake tansu mock"

bench-check: ## Each row of the bench once, with little: the rig works, the figures say nothing
	$(BUILD)
	python3 -B protocol-tests/clients/peers.py kfake mock
	cargo run -q -p protocol-tests --bin bench -- --quick --rounds 1 --program $(or $(FAUXKA),target/release/fauxka) \
		--peer kfake --peer mock

# Functions that are no part of the library's public API take a build of their own, and so do their benches.
HOT = --manifest-path protocol-tests/hot/Cargo.toml --target-dir target/hot
hot hot-check: export RUSTFLAGS = --cfg benching
# As hot's own profile says, so that both workspaces share what they depend on.
hot-check: export CARGO_PROFILE_DEV_DEBUG = false

hot: ## How long single functions take; ARGS="engine/Produce --quick", ARGS="--save-baseline before", ARGS="--baseline before"
	cargo bench $(HOT) --bench hot -- $(ARGS)

hot-check: ## Each of these benches once, not optimised, and their lints
	cargo fmt --manifest-path protocol-tests/hot/Cargo.toml --check
	cargo clippy -q -p fauxka --lib --no-default-features --target-dir target/hot -- -D warnings
	cargo clippy -q $(HOT) --all-targets -- -D warnings
	cargo test -q $(HOT) --benches

# Unmodified clients of every language, byte for byte.
clients: ## BOOTSTRAP=host:port NAMES="kcat franz-go" RETRIES=1; without BOOTSTRAP the built broker
	$(if $(BOOTSTRAP),,$(BUILD))
	python3 -B protocol-tests/clients/run.py $(if $(BOOTSTRAP),--bootstrap $(BOOTSTRAP)) \
		$(addprefix --retries ,$(RETRIES)) $(NAMES)

# What the pages show as a first test, in each language.
first: ## NAMES="python java"; BLESS=1 copies the files and their output into the pages
	$(BUILD)
	python3 -B protocol-tests/clients/first_tests.py $(if $(BLESS),--bless) $(NAMES)

# From an empty folder to passing tests by what the pages say, with what make dist and cargo package made.
ways: ## NAMES="python node rust"
	cd protocol-tests/clients && python3 -B -m unittest -q test_ways
	python3 -B protocol-tests/clients/ways.py $(NAMES)

# The same clients in consumer groups that others join and leave, and in which one is killed.
groups: ## BOOTSTRAP=host:port NAMES="java kcat/eager" RETRIES=1; ORACLE=1 starts Apache Kafka
	$(if $(BOOTSTRAP)$(ORACLE),,$(BUILD))
	cd protocol-tests/clients && python3 -B -m unittest -q test_cases test_group_trace
	python3 -B protocol-tests/clients/groups.py $(if $(BOOTSTRAP),--bootstrap $(BOOTSTRAP)) $(if $(ORACLE),--oracle) \
		$(addprefix --retries ,$(RETRIES)) $(NAMES)

# Consumers that live through resets and restored snapshots.
resets: ## NAMES="java kafkajs/eager" RETRIES=1; ARGS=--defaults leaves KIP-848's heartbeats at five seconds
	$(BUILD)
	python3 -B protocol-tests/clients/resets.py $(addprefix --retries ,$(RETRIES)) $(ARGS) $(NAMES)

# Share consumers that share records, give them back, renew their locks, hold them for too long, and are killed.
shares: ## BOOTSTRAP=host:port NAMES="java/killed" RETRIES=1; ORACLE=1 starts Apache Kafka
	$(if $(BOOTSTRAP)$(ORACLE),,$(BUILD))
	python3 -B protocol-tests/clients/shares.py $(if $(BOOTSTRAP),--bootstrap $(BOOTSTRAP)) $(if $(ORACLE),--oracle) \
		$(addprefix --retries ,$(RETRIES)) $(NAMES)

# The same clients while a test moves the cluster's clock: living members stay, silent ones go.
silences: ## NAMES="java/consumer aiokafka" RETRIES=1
	$(BUILD)
	python3 -B protocol-tests/clients/silences.py $(addprefix --retries ,$(RETRIES)) $(NAMES)

# Apache Kafka and Fauxka side by side; too long for CI. Needs Java, Maven and Python.
headline: ## Every member of a group is replaced, on both brokers; NAMES="eager" ARGS="--only fauxka --replace 6"
	$(BUILD)
	cd protocol-tests/clients && python3 -B -m unittest -q test_rolling test_transaction_figures
	python3 -B protocol-tests/clients/headline.py $(ARGS) $(NAMES)

# The same clients in transactions, with a group's offsets in them: what commits is read, what aborts is not.
transactions: ## BOOTSTRAP=host:port NAMES="aiokafka" RETRIES=1; ORACLE=1 starts Apache Kafka
	$(if $(BOOTSTRAP)$(ORACLE),,$(BUILD))
	cd protocol-tests/clients && python3 -B -m unittest -q test_wire
	python3 -B protocol-tests/clients/transactions.py $(if $(BOOTSTRAP),--bootstrap $(BOOTSTRAP)) $(if $(ORACLE),--oracle) \
		$(addprefix --retries ,$(RETRIES)) $(NAMES)

# Clients that speak TLS and log in: they get in as who they are, and not where they must not.
secured: ## NAMES="java confluent-python/mtls" RETRIES=1
	$(BUILD)
	python3 -B protocol-tests/clients/secured.py $(addprefix --retries ,$(RETRIES)) $(NAMES)

# Clients that log in as to Amazon MSK, and by OIDC, with what AWS publishes for them: with a wrong secret none may produce.
logins: ## NAMES="java kafkajs" RETRIES=1
	$(BUILD)
	python3 -B protocol-tests/signers/logins.py $(addprefix --retries ,$(RETRIES)) $(NAMES)

# Kafka Streams with exactly_once_v2: counts of words, none lost or doubled, while instances are killed.
streams: ## BOOTSTRAP=host:port NAMES="memory takeover/streams" RETRIES=1; ORACLE=1 starts Apache Kafka; ARGS="--guarantee at_least_once" must fail
	$(if $(BOOTSTRAP)$(ORACLE),,$(BUILD))
	cd protocol-tests/clients && python3 -B -m unittest -q test_counts_trace
	python3 -B protocol-tests/clients/streams.py $(if $(BOOTSTRAP),--bootstrap $(BOOTSTRAP)) $(if $(ORACLE),--oracle) \
		$(addprefix --retries ,$(RETRIES)) $(ARGS) $(NAMES)

# What no test thought of: bytes and sequences that reach code which nothing reached before. Needs a C++ compiler.
fuzz: ## SECONDS=30 SEED=1 NAMES="frames engine"; BLESS=1 minimises the corpora and writes them to fixtures/fuzz
	python3 -B protocol-tests/fuzz/fuzz.py $(addprefix --seconds ,$(SECONDS)) $(addprefix --seed ,$(SEED)) $(if $(BLESS),--bless) $(NAMES)

# Clients of five libraries, while nodes stop, leaders move, answers get lost and snapshots are put back.
soak: ## SECONDS=3600 SEED=1; a failure prints both; ORACLE=1 starts three nodes of Apache Kafka; ARGS="--break shown" must fail
	$(if $(ORACLE),,$(BUILD))
	cd protocol-tests/clients/soak && python3 -B -m unittest -q test_rules test_plan test_audit
	python3 -B protocol-tests/clients/soak/soak.py $(addprefix --seconds ,$(SECONDS)) $(addprefix --seed ,$(SEED)) \
		$(if $(ORACLE),--oracle) $(ARGS)

openapi: ## The OpenAPI document: a validator takes it, and clients generated from it compile and work
	$(BUILD)
	python3 -B protocol-tests/clients/openapi.py

# What goes wrong in production, staged: each promise breaks with the bug and holds without.
scenarios: ## NAMES="zombie_producer commit_gap"
	$(BUILD)
	cd protocol-tests/scenarios && python3 -B -m unittest -q test_copies
	python3 -B protocol-tests/scenarios/run.py $(NAMES)

# Kafka's own command-line tools and kcat print what they print against Apache Kafka; each transcript takes a new broker.
tools: ## NAMES="topics configs"; RECORD=1 records from Apache Kafka
	$(BUILD)
	python3 -B protocol-tests/clients/tools.py $(if $(RECORD),--record) $(NAMES)

# The integration tests that client libraries publish.
suites: ## BOOTSTRAP=host:port NAMES="kafka-go sarama kgo" AREAS=core,share
	$(if $(BOOTSTRAP),,$(BUILD))
	python3 -B protocol-tests/suites/run.py $(if $(BOOTSTRAP),--bootstrap $(BOOTSTRAP)) $(addprefix --areas ,$(AREAS)) $(NAMES)

# Apache Kafka's jars, as published; make oracle and recording use them.
target/oracle/libs:
	mvn -q -B -f protocol-tests/oracle/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$@ -DincludeScope=runtime

conformance: ## BOOTSTRAP=host:port or FAUXKA=program, FILTER=area/case FORMAT=text|json|junit; without both an embedded broker
	cargo run -q -p protocol-tests --bin conformance -- $(addprefix --bootstrap ,$(BOOTSTRAP)) $(addprefix --program ,$(FAUXKA)) \
		$(addprefix --filter ,$(FILTER)) $(if $(FORMAT),--format $(FORMAT))

# Finds what no case asks for yet: too long and too dependent on Kafka's own timing for CI.
differential: target/oracle/libs ## Sequences of requests from a seed, to Kafka and to Fauxka; SEED=1 CASES=100 THEME="classic fetch"
	cargo run -q -p protocol-tests --bin differential -- --oracle $< $(addprefix --seed ,$(SEED)) $(addprefix --cases ,$(CASES)) \
		$(addprefix --theme ,$(THEME))

# Golden data of Kafka's own assignors, from its published jars.
assignors: target/oracle/libs ## What Kafka's assignors give to members that come and go, recorded into fixtures/assignors and fixtures/task_assignors
	printf '# Apache Kafka %s, recorded %s by `make assignors`; see README.md\n' \
		"$$(basename $</kafka-clients-*.jar .jar | cut -c15-)" "$$(date -u +%F)" > fixtures/assignors/assignors.txt
	java -cp '$</*' protocol-tests/oracle/Assignors.java >> fixtures/assignors/assignors.txt
	printf '# Apache Kafka %s, recorded %s by `make assignors`; see README.md\n' \
		"$$(basename $</kafka-clients-*.jar .jar | cut -c15-)" "$$(date -u +%F)" > fixtures/task_assignors/sticky.txt
	java -cp '$</*' protocol-tests/oracle/TaskAssignors.java >> fixtures/task_assignors/sticky.txt

# Golden data of Kafka's own checks of compressed batches, from its published jars.
codecs: target/oracle/libs ## What Kafka makes of compressed records, whole and damaged, recorded into fixtures/codecs
	printf '# Apache Kafka %s, recorded %s by `make codecs`; see README.md\n' \
		"$$(basename $</kafka-clients-*.jar .jar | cut -c15-)" "$$(date -u +%F)" > fixtures/codecs/frames.txt
	java -cp '$</*' protocol-tests/oracle/Codecs.java >> fixtures/codecs/frames.txt

# Golden data of Kafka's own message classes, from its published jars.
encodings: target/oracle/libs ## Messages that the broker's wire code is generated for, as Kafka encodes them, recorded into fixtures/encodings
	printf '# Apache Kafka %s, recorded %s by `make encodings`; see README.md\n' \
		"$$(basename $</kafka-clients-*.jar .jar | cut -c15-)" "$$(date -u +%F)" > fixtures/encodings/encodings.txt
	java -cp '$</*' protocol-tests/oracle/Messages.java >> fixtures/encodings/encodings.txt

# Golden data of the tables whose order answers show.
orders: target/oracle/libs ## How Java's, Scala's and Kafka's tables walk their keys, recorded into fixtures/orders
	printf '# Apache Kafka %s, recorded %s by `make orders`; see README.md\n' \
		"$$(basename $</kafka-clients-*.jar .jar | cut -c15-)" "$$(date -u +%F)" > fixtures/orders/orders.txt
	java -cp '$</*' protocol-tests/oracle/Orders.java >> fixtures/orders/orders.txt

# Golden data of AWS's published signers.
signers: target/oracle/libs ## What AWS's published signers send to log in to MSK, recorded into fixtures/aws
	printf '# What signers of %s send to log in to MSK, recorded by `make signers`; see README.md\n' "$$(date -u +%F)" > fixtures/aws/requests.txt
	protocol-tests/signers/record.sh >> fixtures/aws/requests.txt

# Golden data of Kafka's own validators, from its published jars.
tokens: target/oracle/libs ## What Kafka makes of bearer tokens, recorded into fixtures/oauth
	printf '# Apache Kafka %s, recorded %s by `make tokens`; see README.md\n' \
		"$$(basename $</kafka-clients-*.jar .jar | cut -c15-)" "$$(date -u +%F)" > fixtures/oauth/tokens.txt
	java -cp '$</*' protocol-tests/oracle/Tokens.java >> fixtures/oauth/tokens.txt 2>/dev/null

# Golden data of Kafka's own requests and errors, from its published jars.
errors: target/oracle/libs ## What Kafka answers when a request fails, recorded into fixtures/errors and broker/src/wire/error_texts.txt
	for part in answers clients texts; do \
		case $$part in texts) file=broker/src/wire/error_texts.txt ;; *) file=fixtures/errors/$$part.txt ;; esac; \
		printf '# Apache Kafka %s, recorded %s by `make errors`; see fixtures/errors/README.md\n' \
			"$$(basename $</kafka-clients-*.jar .jar | cut -c15-)" "$$(date -u +%F)" > $$file; \
		java -cp '$</*' protocol-tests/oracle/ErrorAnswers.java $$part >> $$file || exit 1; \
	done

oracle: target/oracle/libs ## The same cases against Apache Kafka itself; BLESS=oracle records what it says
	cargo run -q -p protocol-tests --bin conformance -- --oracle target/oracle/libs $(addprefix --filter ,$(FILTER)) \
		$(if $(filter oracle,$(BLESS)),--record)
