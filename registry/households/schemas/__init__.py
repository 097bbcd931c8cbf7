"""The register of households in JSON."""
