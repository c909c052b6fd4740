package io.github.fauxka;

import io.github.fauxka.control.GroupView;
import io.github.fauxka.control.GroupWithCommits;
import io.github.fauxka.control.GroupsOperations;
import io.github.fauxka.control.NewOffset;
import io.github.fauxka.control.NewOffsets;
import io.github.fauxka.control.WhichMember;
import java.util.List;

/** Groups, with their members and offsets. */
public final class Groups {
    private final GroupsOperations groups;

    Groups(GroupsOperations groups) {
        this.groups = groups;
    }

    /** All groups. */
    public List<GroupView> list() {
        return groups.listGroups();
    }

    /** A group with its members, offsets, lag and latest commits. */
    public GroupWithCommits get(String group) {
        return groups.getGroup(group);
    }

    /** Removes a member, as if its session had timed out. */
    public void evict(String group, String member) {
        groups.evictMember(group, new WhichMember(member));
    }

    /** Starts a rebalance. */
    public void rebalance(String group) {
        groups.rebalanceGroup(group);
    }

    /** Commits offsets. The group must have no members. */
    public void commit(String group, List<NewOffset> offsets) {
        groups.commitOffsets(group, new NewOffsets(offsets));
    }

    /** Commits an offset. The group must have no members. */
    public void commit(String group, String topic, int partition, long offset) {
        commit(group, List.of(NewOffset.builder().topic(topic).partition(partition).offset(offset).build()));
    }
}
