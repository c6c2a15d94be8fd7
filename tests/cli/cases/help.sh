sori --help
