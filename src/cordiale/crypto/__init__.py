"""The only importer of pyca/cryptography: signatures, digests, certificates, suites, HPKE."""
