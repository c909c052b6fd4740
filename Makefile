.PHONY: clients

# Unmodified clients of every language, byte for byte.
clients: ## BOOTSTRAP=host:port NAMES="kcat franz-go"; without BOOTSTRAP the built broker
	$(if $(BOOTSTRAP),,cargo build -q -p fauxka)
	python3 -B protocol-tests/clients/run.py $(if $(BOOTSTRAP),--bootstrap $(BOOTSTRAP)) $(NAMES)
