import { type Project, type ProjectMember, projectRole } from '@studioops/contracts/projects'
import { useNavigate } from '@tanstack/react-router'
import { Trash2, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { useTexts } from '../../lib/i18n/use-texts.ts'
import { Button } from '../../ui/button.tsx'
import { Card } from '../../ui/card.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { IconButton } from '../../ui/icon-button.tsx'
import { ProblemNotice } from '../../ui/problem-notice.tsx'
import { Select } from '../../ui/select.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { useToast } from '../../ui/toast.tsx'
import {
  useAddMember,
  useCandidates,
  useChangeMember,
  useRemoveMember,
} from './projects.queries.ts'
import { projectsTexts } from './projects.texts.ts'

type Props = { readonly project: Project }

function useRoles() {
  const t = useTexts(projectsTexts)
  return projectRole.options.map((id) => ({ id, label: t(`role.${id}`) }))
}

const mayDecide = ({ role, archivedAt }: Project) => role === 'owner' && archivedAt === undefined

/** Who takes part, and as what. */
export function MembersPanel({ project }: Props) {
  const t = useTexts(projectsTexts)
  return (
    <Card as="section" labelledBy="project-members">
      <h2 id="project-members" className="mb-3 text-lg font-semibold">
        {t('members.title')}
      </h2>
      <ul className="mb-4 divide-y divide-line">
        {project.members.map((member) => (
          <MemberRow key={member.userId} project={project} member={member} />
        ))}
      </ul>
      {mayDecide(project) ? (
        <AddMember project={project} />
      ) : (
        <p className="mb-3 text-muted">{t('reason.owner')}</p>
      )}
      <Leave project={project} />
    </Card>
  )
}

function MemberRow({ project, member }: Props & { readonly member: ProjectMember }) {
  const t = useTexts(projectsTexts)
  const toast = useToast()
  const roles = useRoles()
  const change = useChangeMember(project.id)
  const removal = useRemoveMember(project.id)
  const add = useAddMember(project.id)
  const { userId, displayName: name, role, isYou } = member
  const error = change.error ?? removal.error ?? add.error
  const remove = () =>
    removal.mutate(userId, {
      onSuccess: () =>
        toast({
          text: t('members.removed', { name }),
          action: { label: t('undo'), onPress: () => add.mutate({ userId, role }) },
        }),
    })
  return (
    <li className="flex flex-col gap-2 py-2">
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <span className="min-w-0 wrap-anywhere">
          <bdi className="font-medium">{name}</bdi>
          {isYou && <span className="text-muted"> ({t('members.you')})</span>}
        </span>
        {mayDecide(project) ? (
          <span className="flex items-center gap-1">
            <Select
              isLabelHidden
              label={t('members.role', { name })}
              value={role}
              options={roles}
              onChange={(next) => change.mutate({ memberId: userId, role: next })}
            />
            {!isYou && (
              <IconButton
                size="small-icon"
                label={t('members.remove', { name })}
                icon={<Trash2 aria-hidden className="size-4" />}
                isPending={removal.isPending}
                onPress={remove}
              />
            )}
          </span>
        ) : (
          <span className="text-muted">{t(`role.${role}`)}</span>
        )}
      </div>
      {error !== null && <ProblemNotice error={error} />}
    </li>
  )
}

function AddMember({ project }: Props) {
  const t = useTexts(projectsTexts)
  const toast = useToast()
  const roles = useRoles()
  const add = useAddMember(project.id)
  const [search, setSearch] = useState('')
  const [role, setRole] = useState<ProjectMember['role']>('editor')
  const candidates = useCandidates(project.id, search)
  const people = candidates.data ?? []
  return (
    <div className="mb-4 flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-[1fr_10rem]">
        <TextField label={t('members.search')} value={search} onChange={setSearch} />
        <Select
          label={t('members.add.role')}
          value={role}
          options={roles}
          onChange={(next) => setRole(next)}
        />
      </div>
      {add.isError && <ProblemNotice error={add.error} />}
      {candidates.isError && <ProblemNotice error={candidates.error} />}
      {candidates.isSuccess && people.length === 0 && (
        <p className="text-muted">{t('members.nobody')}</p>
      )}
      <ul className="flex flex-wrap gap-2">
        {people.map(({ userId, displayName: name }) => (
          <li key={userId}>
            <Button
              size="small"
              icon={<UserPlus aria-hidden className="size-4" />}
              onPress={() =>
                add.mutate(
                  { userId, role },
                  {
                    onSuccess: () => {
                      setSearch('')
                      toast({ text: t('members.added', { name }), tone: 'good' })
                      void candidates.refetch()
                    },
                  },
                )
              }
            >
              <bdi>{t('members.add', { name })}</bdi>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Leave({ project }: Props) {
  const t = useTexts(projectsTexts)
  const navigate = useNavigate()
  const removal = useRemoveMember(project.id)
  const [isAsking, setIsAsking] = useState(false)
  const own = project.members.find(({ isYou }) => isYou)
  if (own === undefined || project.members.length === 1) return undefined
  return (
    <>
      <Button onPress={() => setIsAsking(true)}>{t('members.leave')}</Button>
      <ConfirmDialog
        title={t('members.leave.title')}
        confirmLabel={t('members.leave')}
        isOpen={isAsking}
        isPending={removal.isPending}
        onClose={() => {
          setIsAsking(false)
          removal.reset()
        }}
        onConfirm={() =>
          removal.mutate(own.userId, { onSuccess: () => void navigate({ to: '/projects' }) })
        }
      >
        <p>{t('members.leave.text')}</p>
        {removal.isError && <ProblemNotice error={removal.error} />}
      </ConfirmDialog>
    </>
  )
}
