sori --help
echo '-- details are wrapped; every macro of the man page begins a line; settings of every section are in it'
sori help alerts | awk 'length($0) > 120' | wc -l
sori help man | grep -c '[^ ]\.Bd '
sori help man | grep -A1 '^\.It analysis\.'
