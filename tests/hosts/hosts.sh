#!/bin/sh
# Several hosts on one machine, for mpirun: each has its own name, network, processes and shared memory, and a cable that
# can be cut. Root, or any user where user namespaces are allowed. Nothing is left in the machine's own network.
#
#   hosts.sh start N FOLDER                  hosts node1 .. nodeN, N <= 200; exit code 77 where the system forbids it
#   hosts.sh run FOLDER -n R COMMAND...      mpirun -n R COMMAND, R ranks spread over the hosts in order
#   hosts.sh enter FOLDER HOST COMMAND...    COMMAND, as a shell reads its words, on that host
#   hosts.sh cut FOLDER HOST                 pulls the cable of the host
#   hosts.sh heal FOLDER HOST                and puts it back
#   hosts.sh stop FOLDER                     ends all processes of the hosts, and with them the hosts
#
# How: a network, mount, name and process namespace, "the rack", holds a bridge, and one more of each for every host,
# joined to the bridge by a pair of virtual cards. Ending the first process of the rack ends all that is in it. In FOLDER
# are the process ids by which they are entered and ended, and the temporary files of Open MPI, removed by stop.
# mpirun runs in the rack, and starts its daemons by `enter`, as it would by ssh.
set -u
PATH=$PATH:/usr/sbin:/sbin
net=10.77.0
self=$(readlink -f "$0")

usage() {
    sed -n 's/^#   //p' "$self" >&2
    exit 64
}

# A user who is not root becomes root of a user namespace of their own.
user_of_rack() { [ "$(id -u)" = 0 ] || printf '%s' '--user --map-root-user'; }
user_to_enter() { [ "$(id -u)" = 0 ] || printf '%s' '--user --preserve-credentials'; }

# in_namespaces PID WHAT...: WHAT in the namespaces whose first process is a child of PID.
in_namespaces() {
    of=$1
    shift
    # shellcheck disable=SC2046
    exec nsenter -t "$of" $(user_to_enter) --net --mount --uts --ipc --pid="/proc/$of/ns/pid_for_children" -- "$@"
}

# wait_for FILE PID: until the file is there; false if the process ends before.
wait_for() {
    while [ ! -e "$1" ]; do
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.02
    done
}

# ---- in the rack ----

# The first process of a host buries those whose parents have gone.
stay() {
    while :; do
        sleep 3600 &
        wait
    done
}

# host I: the first process of a host; it comes to life when its network card is there.
host() {
    mount -t tmpfs -o size=64m tmpfs /dev/shm && hostname "node$1" && ip link set lo up || exit 1
    : >"$folder/up$1"
    stay
}

add_host() {
    unshare --net --mount --uts --ipc --pid --fork --mount-proc --kill-child sh "$self" host "$folder" "$1" &
    echo $! >"$folder/host$1"
    wait_for "$folder/up$1" $! || return 1
    ip link add "cable$1" type veth peer name eth0 netns $! && ip link set "cable$1" master bridge up &&
        nsenter -t $! --net sh -c "ip addr add $net.$1/24 dev eth0 && ip link set eth0 up"
}

# rack N: the first process of the rack.
rack() {
    hostname rack && mount -t tmpfs -o size=64m tmpfs /dev/shm && ip link set lo up &&
        ip link add bridge type bridge && ip addr add "$net.254/24" dev bridge && ip link set bridge up || exit 1
    { echo "127.0.0.1 localhost"; echo "$net.254 rack"; } >"$folder/names"
    for i in $(seq "$1"); do echo "$net.$i node$i" >>"$folder/names"; done
    mount --bind "$folder/names" /etc/hosts || exit 1
    for i in $(seq "$1"); do add_host "$i" || exit 1; done
    : >"$folder/ready"
    stay
}

# ---- outside ----

start() {
    command -v ip >/dev/null && command -v nsenter >/dev/null || exit 77
    mkdir -p "$folder/tmp"
    # shellcheck disable=SC2046
    setsid unshare $(user_of_rack) --net --mount --uts --ipc --pid --fork --mount-proc --kill-child \
        sh "$self" rack "$folder" "$1" >"$folder/log" 2>&1 </dev/null &
    echo $! >"$folder/rack"
    wait_for "$folder/ready" $! && exit 0
    echo "no hosts on this machine: $(head -n 1 "$folder/log")" >&2
    stop
    exit 77
}

# of_host HOST: its number.
of_host() {
    number=${1#node}
    [ -s "$folder/host$number" ] || { echo "there is no host $1" >&2; exit 64; }
}

enter() {
    of_host "$1"
    shift
    # shellcheck disable=SC2016
    [ -n "${TSR_IN_RACK:-}" ] && in_namespaces "$(cat "$folder/host$number")" \
        sh -c 'cd "$1" && export TMPDIR="$2" && shift 2 && eval "$*"' host "$PWD" "$folder/tmp" "$@"
    in_rack sh "$self" enter "$folder" "node$number" "$@"
}

in_rack() {
    # shellcheck disable=SC2016
    in_namespaces "$(cat "$folder/rack")" sh -c 'cd "$1" && export TSR_IN_RACK=1 && shift && exec "$@"' rack "$PWD" "$@"
}

# Open MPI between these hosts; and it notices within seconds when one of them is gone.
set_environment() {
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 TMPDIR="$folder/tmp"
    export OMPI_MCA_plm=rsh OMPI_MCA_plm_rsh_agent="sh $self enter $folder"
    export OMPI_MCA_oob_tcp_if_include="$net.0/24" OMPI_MCA_btl_tcp_if_include="$net.0/24"
    export OMPI_MCA_oob_tcp_keepalive_time="${OMPI_MCA_oob_tcp_keepalive_time:-5}"
    export OMPI_MCA_oob_tcp_keepalive_intvl="${OMPI_MCA_oob_tcp_keepalive_intvl:-2}"
    export OMPI_MCA_oob_tcp_keepalive_probes="${OMPI_MCA_oob_tcp_keepalive_probes:-3}"
    export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_hwloc_base_binding_policy=none
}

run() {
    if [ $# -lt 3 ] || [ "$1" != -n ]; then usage; fi
    ranks=$2 hosts=$(find "$folder" -maxdepth 1 -name 'host[0-9]*' | wc -l) places=
    shift 2
    for i in $(seq "$hosts"); do places="$places,node$i:$(((ranks + hosts - 1) / hosts))"; done
    set_environment
    in_rack mpirun -q -n "$ranks" --host "${places#,}" "$@"
}

# cable HOST up|down
cable() {
    of_host "$1"
    in_rack ip link set "cable$number" "$2"
}

stop() {
    first=$(cat "$folder/rack" 2>/dev/null) || return 0
    kill -9 "$first" 2>/dev/null
    while kill -0 "$first" 2>/dev/null; do sleep 0.02; done
    rm -rf "$folder/tmp" "$folder/names" "$folder/log" "$folder/ready" "$folder/rack"
    rm -f "$folder"/host[0-9]* "$folder"/up[0-9]*
}

[ $# -ge 2 ] || usage
action=$1
shift
[ "$action" != start ] || { [ $# -eq 2 ] || usage; set -- "$2" "$1"; }
folder=$(readlink -m "$1")
shift
case $action in
    start | rack | host | run | enter) "$action" "$@" ;;
    cut) cable "$1" down ;;
    heal) cable "$1" up ;;
    stop) stop ;;
    *) usage ;;
esac
