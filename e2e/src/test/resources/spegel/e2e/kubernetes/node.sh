#!/bin/sh
# The first process of a node, in network, mount, process and host name spaces of its own: lays out the paths that a node
# has, then runs containerd, the kubelet and kube-proxy, and starts each again when it ends. Killed, it takes all along.
#
# Its environment: DIR (the node's folder, with etc/ in it that is laid over /etc), NAME, ADDRESS, CONTAINERD and
# KUBERNETES (folders of programs), CGROUP (the name of its control group), ROUTES (one "network gateway" a line).
set -eu

# Nothing of what is mounted here is to be seen outside, but in containers.
mount --make-rprivate /
mount -t proc proc /proc
for folder in etc var opt; do
  mkdir -p "$DIR/$folder" "$DIR/.work-$folder"
  mount -t overlay overlay -o "lowerdir=/$folder,upperdir=$DIR/$folder,workdir=$DIR/.work-$folder" "/$folder"
done
mount -t tmpfs tmpfs /run
# An overlay can not lie on an overlay.
for folder in containerd kubelet; do
  mkdir -p "$DIR/lib-$folder" "/var/lib/$folder"
  mount --bind "$DIR/lib-$folder" "/var/lib/$folder"
done
mount --make-rshared /

hostname "$NAME"
echo 1 >/proc/sys/net/ipv4/ip_forward
echo "$ROUTES" | while read -r network gateway; do ip route add "$network" via "$gateway"; done

# A control group in every hierarchy; a new one of cpuset has no processors.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control || echo "no controller $controller" >&2
  done
  mkdir -p "/sys/fs/cgroup/$CGROUP"
else
  for hierarchy in /sys/fs/cgroup/*/; do
    [ ! -e "$hierarchy/cgroup.controllers" ] || continue
    mkdir -p "$hierarchy/$CGROUP"
    for file in cpuset.cpus cpuset.mems; do
      [ ! -e "$hierarchy/$file" ] || cat "$hierarchy/$file" >"$hierarchy/$CGROUP/$file"
    done
  done
fi

keep_running() { # starts the arguments again and again
  while :; do
    "$@" || echo "ended with $?: $*" >&2
    sleep 0.2
  done
}

export PATH="$CONTAINERD:$PATH"
keep_running "$CONTAINERD/containerd" --config /etc/containerd/config.toml &
keep_running "$KUBERNETES/kubelet" --config /etc/kubernetes/kubelet.yaml --kubeconfig /etc/kubernetes/kubeconfig \
  --hostname-override "$NAME" --node-ip "$ADDRESS" --root-dir /var/lib/kubelet --v 1 &
keep_running "$KUBERNETES/kube-proxy" --config /etc/kubernetes/kube-proxy.yaml --hostname-override "$NAME" &
wait
