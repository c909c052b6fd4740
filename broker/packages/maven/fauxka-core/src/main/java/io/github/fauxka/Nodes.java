package io.github.fauxka;

import io.github.fauxka.control.Added;
import io.github.fauxka.control.NewNode;
import io.github.fauxka.control.NodesOperations;

/** The nodes. Ids begin with 1. */
public final class Nodes {
    private final NodesOperations nodes;

    Nodes(NodesOperations nodes) {
        this.nodes = nodes;
    }

    /** Stops a node. Its sockets are closed when this returns. */
    public void stop(int id) {
        nodes.stopNode(id);
    }

    /** Starts a stopped node. It accepts connections when this returns. */
    public void start(int id) {
        nodes.startNode(id);
    }

    /** Pauses a node: nothing passes to or from it, and no other takes over. */
    public void pause(int id) {
        nodes.pauseNode(id);
    }

    /** Lets a paused node go on. */
    public void resume(int id) {
        nodes.resumeNode(id);
    }

    /** Adds a node on a free port. */
    public Added add() {
        return nodes.addNode(NewNode.builder().build());
    }

    /** Removes a node for good. */
    public void remove(int id) {
        nodes.removeNode(id);
    }

    /** Restarts all nodes, one after the other. */
    public void rollingRestart() {
        nodes.restartNodes();
    }
}
