/** A phone makes a group, and everyone in it hears of it. */
import { groupNode } from './group-node.ts';
import { tellMembers } from './group-notification.ts';
import type { Group, NewGroup } from './groups.ts';
import { phoneRequest } from './phone-request.ts';
import { element } from './stanza.ts';
import type { World } from './world.ts';

export function foundGroup(world: World, newGroup: NewGroup): Group {
  const group = world.groups.create(newGroup);
  const request = phoneRequest(world, newGroup.owner, element('iq'));
  tellMembers(request, group, element('create', { type: 'new' }, [groupNode(group)]));
  return group;
}
