"""One small file per board: pins and ratios under the schematic's net names."""
